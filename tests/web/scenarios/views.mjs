// What it looks like.
import { out } from '../stage.mjs';
import { User } from '../user.mjs';

export default [
  ['a screenshot of each view', null, async () => {
    const dark = { colorScheme: 'dark' };
    const alice = await User.open('alice', { view: dark });
    await alice.page.screenshot({ path: `${out}/login-dark.png` });
    await alice.logIn();
    const bob = await User.open('bob');
    await bob.page.screenshot({ path: `${out}/login.png` });
    await bob.logIn();
    await alice.talkTo('bob');
    for (const [user, text] of [
      [alice, 'Morning! Does the page work for you?'],
      [bob, 'It does. No framework, no server but this one, and the protocol is in wasm.'],
      [bob, 'How large is it?'],
      [alice, 'About 1 MB, and less on the wire.'],
      [alice, 'And what I write arrives as I wrote it: <b> & "quotes" too'],
      [bob, 'So it does.'],
    ]) {
      await user.say(text);
      await (user === alice ? bob : alice).hears(text);
    }
    await bob.talkTo('alice');
    await bob.page.click('[name=body]');
    await bob.page.screenshot({ path: `${out}/chat.png` });
    await alice.page.screenshot({ path: `${out}/chat-dark.png` });
    await bob.page.setViewportSize({ width: 390, height: 720 });
    await bob.page.screenshot({ path: `${out}/chat-narrow.png` });
    await alice.leave();
    await bob.leave();
  }],
];
