// What one page says and another hears.
import { server } from '../stage.mjs';
import { User, check, pair } from '../user.mjs';

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

export default [
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
  ['a message to nobody comes back', null, async () => {
    const alice = await (await User.open('alice')).logIn();
    await alice.talkTo('nobody');
    await alice.say('Hello?');
    await alice.page.waitForSelector('#messages .mine.failed');
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
];
