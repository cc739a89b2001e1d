// Two pages of the chat in a headless Chromium, and what they do with each other; run by tests/web/run.
import { TIME, browser, out, server } from './stage.mjs';
import logins from './scenarios/logins.mjs';
import resuming from './scenarios/resuming.mjs';
import shutdown from './scenarios/shutdown.mjs';
import talking from './scenarios/talking.mjs';
import views from './scenarios/views.mjs';

/** Each with its name, what it needs and is not there, and what is done. */
const scenarios = [...talking, ...logins, ...resuming, ...views, ...shutdown];

let [passed, failed] = [0, 0];
try {
  for (const [name, missing, run] of scenarios) {
    if (missing) {
      console.log(`LEFT OUT: in the browser, ${name}: it needs ${missing}`);
      continue;
    }
    const begin = performance.now();
    try {
      await Promise.race([run(), new Promise((_, late) => setTimeout(late, 3 * TIME, new Error('it hangs')))]);
      passed += 1;
      console.log(`pass  ${name} (${Math.round(performance.now() - begin)} ms)`);
    } catch (error) {
      failed += 1;
      console.log(`FAIL  ${name}: ${error.message.split('\n')[0]}`);
      for (const context of browser.contexts()) {
        for (const page of context.pages()) await page.screenshot({ path: `${out}/failed-${failed}.png` }).catch(() => {});
        await context.close();
      }
    }
  }
} finally {
  await browser.close();
  server.process.kill('SIGKILL');
}
console.log(`browser: ${passed} passed, ${failed} failed`);
// Whatever a failed scenario has left open ends here.
process.exit(failed === 0 && passed > 0 ? 0 : 1);
