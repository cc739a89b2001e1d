// Two pages of the chat in a headless Chromium, and what they do with each other; run by tests/web/run.
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { proxy } from './proxy.mjs';

const out = process.env.XMPP_WS_WEB;
const { chromium } = createRequire(`${out}/node/`)('playwright-core');
const TIME = 20_000;

// --- the server and the browser
async function serve() {
  const users = ['alice', 'bob'].flatMap((name) => ['--user', `${name}:secret`]);
  const process_ = spawn(process.env.XMPP_WS_SERVE,
    ['serve', '--json', '--listen', '127.0.0.1:0', '--web', `${out}/site`, ...users],
    { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await Promise.race([
    new Promise((told) => createInterface(process_.stdout).once('line', (line) => told([line]))),
    new Promise((_, failed) => process_.once('exit', () => failed(new Error('serve did not start')))),
  ]);
  const url = new URL(JSON.parse(line).url);
  return { url, port: Number(url.port), page: `http://${url.host}/`, process: process_ };
}

const profile = `${out}/profile`;
rmSync(profile, { recursive: true, force: true });
mkdirSync(profile, { recursive: true });
const server = await serve();
// A folder of its own for what it keeps, its temporary files among it.
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  env: { ...process.env, TMPDIR: profile, HOME: profile, XDG_CONFIG_HOME: profile, XDG_CACHE_HOME: profile },
});

// --- a user in a page
class User {
  static async open(name, { address = server.url.href, password = 'secret', view = {}, query = {} } = {}) {
    const context = await browser.newContext({ viewport: { width: 1100, height: 720 }, ...view });
    const page = await context.newPage();
    page.setDefaultTimeout(TIME);
    const user = Object.assign(new User(), { name, context, page, password, errors: [], frames: [], sockets: [] });
    page.on('pageerror', (error) => user.errors.push(String(error)));
    page.on('websocket', (socket) => {
      user.sockets.push(socket);
      socket.on('framesent', ({ payload }) => user.frames.push(payload));
    });
    await page.goto(`${server.page}?${new URLSearchParams({ address, account: `${name}@localhost`, ...query })}`);
    return user;
  }

  async enter() {
    await this.page.waitForFunction(() => document.querySelector('[name=account]').value !== '');
    await this.page.fill('[name=password]', this.password);
    await this.page.click('#login > button');
  }

  async logIn() {
    await this.enter();
    await this.page.waitForSelector('#status[data-state=online]');
    return this;
  }

  async talkTo(name) {
    await this.page.fill('[name=who]', `${name}@localhost`);
    await this.page.press('[name=who]', 'Enter');
  }

  async say(text) {
    await this.page.fill('[name=body]', text);
    await this.page.press('[name=body]', 'Enter');
  }

  async hears(text) {
    await this.page.waitForFunction((text) => [...document.querySelectorAll('#messages .theirs')]
      .some((item) => item.firstChild.data === text), text);
  }

  /** That this, in this order and once, is all that was heard. */
  async hearsInAll(texts) {
    const heard = await this.page.$$eval('#messages .theirs', (items) => items.map((item) => item.firstChild.data));
    check(JSON.stringify(heard) === JSON.stringify(texts), `${this.name} heard ${JSON.stringify(heard)}`);
  }

  /** Another tab with a copy of what this one has in its sessionStorage, at this address' site. */
  async duplicate(address) {
    const opened = await this.context.newPage();
    await this.page.route('**/blank', (route) => route.fulfill({ body: '' }));
    await opened.route('**/blank', (route) => route.fulfill({ body: '' }));
    await this.page.goto(`${address}blank`);
    await opened.goto(`${address}blank`);
    const entries = await this.page.evaluate(() => Object.entries(sessionStorage));
    await opened.evaluate((entries) => entries.forEach(([key, text]) => sessionStorage.setItem(key, text)), entries);
    await this.page.goBack();
    return Object.assign(new User(), { ...this, page: opened });
  }

  /** Another tab comes before this one, or goes: there is no such event in a browser without a screen. */
  async hides(hidden) {
    await this.page.evaluate((hidden) => {
      Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
  }

  async state(state) {
    await this.page.waitForSelector(`#status[data-state=${state}]`);
    return this.page.textContent('#status');
  }

  async leave() {
    const { errors } = this;
    await this.context.close();
    check(errors.length === 0, `an error in the page of ${this.name}: ${errors.join('; ')}`);
  }
}

function check(holds, words) {
  if (!holds) throw new Error(words);
}

async function pair(address) {
  const alice = await (await User.open('alice', { address })).logIn();
  const bob = await (await User.open('bob', { address })).logIn();
  await alice.talkTo('bob');
  await bob.talkTo('alice');
  return [alice, bob];
}

/** Whether this user asked for the session of before, and began no other after so many frames. */
function resumed({ frames }, sent) {
  const later = frames.slice(sent);
  return later.some((frame) => frame.startsWith('<resume ')) && !later.some((frame) => frame.includes('xmpp-bind'));
}

async function reload({ address, again = false } = {}) {
  const [alice, bob] = await pair(address);
  await alice.say('before');
  await bob.hears('before');
  const sent = bob.frames.length;
  await bob.page.reload();
  await alice.say('while you were away');
  if (again) {
    await bob.page.waitForSelector('#failure:not([hidden])');
    await bob.enter();
  }
  await bob.state('online');
  check(await bob.page.isHidden('#login'), 'it asks who is there');
  await bob.hears('while you were away');
  await bob.say('I am back');
  await alice.hears('I am back');
  await bob.hearsInAll(['before', 'while you were away']);
  check(resumed(bob, sent), 'it was not the session of before');
  const presences = bob.frames.slice(sent).filter((frame) => frame.startsWith('<presence'));
  check(presences.length === 0, `it said again ${presences}`);
  await alice.leave();
  await bob.leave();
}

async function talk(alice, bob) {
  const hard = `<b>&amp; "quoted" 'too' ]]> — ünïcödé 🎉\nand a second line`;
  await alice.say(hard);
  await bob.hears(hard);
  const long = 'long '.repeat(20_000).trim();
  await bob.say(long);
  await alice.hears(long);
  for (let number = 0; number < 50; number += 1) await alice.say(`number ${number}`);
  await bob.hears('number 49');
  const order = await bob.page.$$eval('#messages .theirs', (items) => items.map((item) => item.firstChild.data));
  check(order.slice(1).every((text, at) => text === `number ${at}`), `out of order: ${order.slice(1)}`);
}

// --- the scenarios
const scenarios = [
  ['two pages talk through serve', null, async () => {
    const [alice, bob] = await pair();
    await talk(alice, bob);
    check(alice.frames[0].startsWith('<open '), `it began with ${alice.frames[0]}`);
    await alice.leave();
    await bob.leave();
  }],
  ['two pages talk through Prosody', process.env.XMPP_WS_PROSODY ? null : 'Prosody', async () => {
    const [alice, bob] = await pair(process.env.XMPP_WS_PROSODY);
    await talk(alice, bob);
    await alice.leave();
    await bob.leave();
  }],
  ['a wrong password is told', null, async () => {
    const alice = await User.open('alice', { password: 'wrong' });
    await alice.enter();
    const words = await alice.page.textContent('#failure:not([hidden])');
    check(words.includes('not-authorized'), words);
    await alice.leave();
  }],
  ['a server that is not there is told', null, async () => {
    const line = await proxy(server.port);
    line.cut();
    const alice = await User.open('alice', { address: `ws://127.0.0.1:${line.port}/xmpp-websocket` });
    await alice.enter();
    const words = await alice.page.textContent('#failure:not([hidden])');
    check(words.includes('cannot be reached'), words);
    line.close();
    await alice.leave();
  }],
  ['a message to nobody comes back', null, async () => {
    const alice = await (await User.open('alice')).logIn();
    await alice.talkTo('nobody');
    await alice.say('Hello?');
    await alice.page.waitForSelector('#messages .mine.failed');
    await alice.leave();
  }],
  ['a silent server is asked whether it is there', null, async () => {
    const alice = await (await User.open('alice', { query: { keepalive: 0.3 } })).logIn();
    await alice.page.waitForTimeout(1500);
    // With stream management a request for a count serves as a ping (XEP-0198 § 4).
    const asked = alice.frames.filter((frame) => frame.startsWith('<r ') || frame.includes('urn:xmpp:ping'));
    check(asked.length >= 3, `asked ${asked.length} times: ${alice.frames.slice(-3).join(' ')}`);
    await alice.state('online');
    await alice.leave();
  }],
  ['a worker talks, too', null, async () => {
    const alice = await (await User.open('alice')).logIn();
    await alice.talkTo('bob');
    const bound = await alice.page.evaluate((address) => {
      const source = `import start, { Chat } from '${location.origin}/pkg/xmpp_ws_page.js';
        await start();
        const chat = new Chat('${address}', 'bob@localhost/worker', 'secret', false, undefined, (kind, first, second) => {
          if (kind === 'message') chat.send(first, 'the worker heard: ' + second);
          postMessage([kind, first]);
        });`;
      const worker = new Worker(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })), { type: 'module' });
      return new Promise((told, failed) => {
        worker.onerror = (event) => failed(new Error(event.message));
        worker.onmessage = ({ data: [kind, first] }) => {
          if (kind === 'bound') told(first);
          if (kind === 'ended') failed(new Error(first));
        };
      });
    }, server.url.href);
    check(bound === 'bob@localhost/worker', bound);
    await alice.say('hello');
    await alice.hears('the worker heard: hello');
    await alice.leave();
  }],
  ['a thousand messages at once arrive in order', null, async () => {
    const alice = await User.open('alice');
    const { bodies, milliseconds } = await alice.page.evaluate(async (address) => {
      const { default: start, Chat } = await import('/pkg/xmpp_ws_page.js');
      await start();
      const bodies = [];
      let begin, own, number = 0;
      await new Promise((all, failed) => {
        // As many as there is room for, and more when there is again.
        const more = () => {
          try {
            for (; number < 1000; number += 1) chat.send(own, `${number} ${'x'.repeat(500)}`);
          } catch (error) {
            if (!error.message.includes('no room')) failed(error);
          }
        };
        const chat = new Chat(address, 'alice@localhost', 'secret', false, undefined, (kind, first, second) => {
          if (kind === 'bound') {
            [begin, own] = [performance.now(), first];
            more();
          }
          if (kind === 'message') bodies.push(second) === 1000 ? all() : more();
          if (kind === 'ended') failed(new Error(first));
        });
      });
      return { bodies, milliseconds: performance.now() - begin };
    }, server.url.href);
    check(bodies.every((body, at) => body.startsWith(`${at} `)), 'out of order');
    console.log(`      ${Math.round(milliseconds)} ms for 1,000 messages of 500 bytes, there and back`);
    await alice.leave();
  }],
  ['a tab remembers who was logged in, until the logout', null, async () => {
    const alice = await (await User.open('alice')).logIn();
    // As in a browser that had no room for the session.
    await alice.page.addInitScript(() => {
      for (const key of ['session', 'login', 'people']) sessionStorage.removeItem(`xmpp-ws-page.${key}`);
    });
    await alice.page.goto(server.page);
    await alice.page.waitForFunction(() => document.querySelector('[name=account]').value === 'alice@localhost');
    await alice.logIn();
    check(!alice.frames.some((frame) => frame.startsWith('<resume ')), 'it had a session to resume');
    await alice.page.click('#leave');
    await alice.page.waitForSelector('#login');
    check(await alice.page.evaluate(() => sessionStorage.length) === 0, 'it remembers still');
    await alice.leave();
  }],
  ['logging out closes the stream and the WebSocket', null, async () => {
    const alice = await (await User.open('alice')).logIn();
    const [socket] = alice.sockets;
    const closed = new Promise((told) => socket.on('close', told));
    await alice.page.click('#leave');
    await alice.page.waitForSelector('#login');
    await closed;
    check(alice.frames.at(-1).startsWith('<close '), `it ended with ${alice.frames.at(-1)}`);
    // And in again.
    await alice.logIn();
    await alice.leave();
  }],
  ['a cut network comes back, and nothing is lost or doubled', null, async () => {
    const line = await proxy(server.port);
    const address = `ws://127.0.0.1:${line.port}/xmpp-websocket`;
    const alice = await (await User.open('alice', { address })).logIn();
    const bob = await (await User.open('bob')).logIn();
    await alice.talkTo('bob');
    await bob.talkTo('alice');
    await alice.say('before');
    await bob.hears('before');
    const sent = alice.frames.length;
    line.cut();
    const words = await alice.state('waiting');
    check(words.includes('connecting again'), words);
    await alice.say('meanwhile from alice');
    await bob.say('meanwhile from bob');
    line.mend();
    await alice.page.evaluate(() => dispatchEvent(new Event('online')));
    await alice.state('online');
    await bob.hears('meanwhile from alice');
    await alice.hears('meanwhile from bob');
    await alice.say('after');
    await bob.hears('after');
    await bob.hearsInAll(['before', 'meanwhile from alice', 'after']);
    await alice.hearsInAll(['meanwhile from bob']);
    check(resumed(alice, sent), 'it was not the session of before');
    line.close();
    await alice.leave();
    await bob.leave();
  }],
  ['a page that is loaded again resumes', null, () => reload()],
  // This one keeps passwords as they are, and takes another salt each time: no keys fit.
  ['a page that is loaded again resumes at Prosody, by the password', process.env.XMPP_WS_PROSODY ? null : 'Prosody',
    () => reload({ address: process.env.XMPP_WS_PROSODY, again: true })],
  ['a page that is loaded again and again while the network is away resumes', null, async () => {
    const line = await proxy(server.port);
    const alice = await (await User.open('alice', { address: `ws://127.0.0.1:${line.port}/xmpp-websocket` })).logIn();
    const bob = await (await User.open('bob')).logIn();
    await alice.talkTo('bob');
    await bob.talkTo('alice');
    line.cut();
    await alice.state('waiting');
    await alice.say('said without a network');
    for (let time = 0; time < 3; time += 1) {
      await alice.page.reload();
      await alice.state('waiting');
    }
    await bob.say('heard by nobody yet');
    const sent = alice.frames.length;
    line.mend();
    await alice.page.evaluate(() => dispatchEvent(new Event('online')));
    await alice.state('online');
    await bob.hears('said without a network');
    await alice.hears('heard by nobody yet');
    await alice.say('done');
    await bob.hears('done');
    await bob.hearsInAll(['said without a network', 'done']);
    await alice.hearsInAll(['heard by nobody yet']);
    check(resumed(alice, sent), 'it was not the session of before');
    line.close();
    await alice.leave();
    await bob.leave();
  }],
  ['a page without its keys asks for the password, and resumes', null, async () => {
    const [alice, bob] = await pair();
    await bob.page.addInitScript(() => {
      const login = JSON.parse(sessionStorage.getItem('xmpp-ws-page.login'));
      if (!login) return;
      login.keys.iterations += 1;
      sessionStorage.setItem('xmpp-ws-page.login', JSON.stringify(login));
    });
    const sent = bob.frames.length;
    await bob.page.reload();
    const words = await bob.page.textContent('#failure:not([hidden])');
    check(words.includes('password'), words);
    await alice.say('while you were away');
    await bob.logIn();
    await bob.hears('while you were away');
    check(resumed(bob, sent), 'it was not the session of before');
    await alice.leave();
    await bob.leave();
  }],
  ['the second of two tabs with one session ends the first', null, async () => {
    const first = await (await User.open('alice')).logIn();
    const bob = await (await User.open('bob')).logIn();
    await bob.talkTo('alice');
    await first.page.goto('about:blank');
    const second = await first.duplicate(server.page);
    await first.page.goBack();
    await first.state('online');
    await second.page.goto(server.page);
    await second.state('online');
    const words = await first.state('gone');
    check(words.includes('conflict'), words);
    await bob.say('to whom?');
    await second.hears('to whom?');
    await first.leave();
    await bob.leave();
  }],
  ['who does not look says so, and is told no less', null, async () => {
    const [alice, bob] = await pair();
    await bob.hides(true);
    await alice.say('Are you looking?');
    await bob.hears('Are you looking?');
    await bob.hides(false);
    await bob.say('I am');
    await alice.hears('I am');
    const said = bob.frames.filter((frame) => /^<(in)?active /.test(frame)).map((frame) => frame.split(' ')[0]);
    check(said.length === 0 || said.join(' ') === '<inactive <active', said.join(' '));
    console.log(`      the server ${said.length ? 'takes' : 'does not offer'} client state indication`);
    await alice.leave();
    await bob.leave();
  }],
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
  ['a server that is shut down says so, and is waited for', null, async () => {
    const alice = await (await User.open('alice')).logIn();
    server.process.kill('SIGTERM');
    await alice.state('waiting');
    const why = await alice.page.getAttribute('#status', 'title');
    check(why.includes('system-shutdown'), why);
    // And nobody has to wait with it.
    await alice.page.click('#leave');
    await alice.page.waitForSelector('#login');
    await alice.leave();
  }],
];

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
