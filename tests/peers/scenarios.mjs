// What each library is asked to do with our server. Every scenario has a server of its own and either returns, with a
// word for the table if there is something to tell, or throws what is wrong.

import { DOMAIN, LOGIN, check } from './stage.mjs';

const ONE = `alice@${DOMAIN}/one`;
const TWO = `alice@${DOMAIN}/two`;
const BOB = `bob@${DOMAIN}/bob`;
const WITH_BOB = { users: ['alice', 'bob'] };
/** What XML, JSON and UTF-8 could each do harm to. */
const GREETING = 'Hello <Bob> & "friends" \'of\' ours, é 😀 ]]>';

const mechanism = (stage) => {
  const auth = stage.said('client').find((text) => text.startsWith('<auth '));
  return /mechanism=["']([^"']+)/.exec(auth)[1];
};
const offered = (stage) => {
  const features = stage.said('server').find((text) => text.includes('<mechanisms'));
  return [...features.matchAll(/<mechanism>([^<]+)/g)].map(([, name]) => name);
};
const attribute = (xml, name) => new RegExp(`^<[^>]*\\s${name}=["']([^"']*)`).exec(xml)?.[1];
const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const unescaped = (text) =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&');
/** For a thousand of something, on a busy machine. */
const MANY = 40_000;
const isBye = (text) => text.startsWith('<close ');

/** Both are there for messages to their account. */
async function meet(stage, who) {
  stage.tell(who, 'presence');
  await stage.next(`${who} sees its own presence`, who, 'presence');
}

async function says(stage, who, to, hearer, from) {
  const body = `${GREETING} from ${who}`;
  stage.tell(who, 'message', { to, body });
  const heard = await stage.next(`${hearer} gets the message`, hearer, 'message');
  check(heard.body === body, `${hearer} read ${JSON.stringify(heard.body)}`);
  check(heard.from === from, `${hearer} got it from ${heard.from}`);
}

async function asks(stage, who, what, options = {}) {
  const isIt = (it) => it.what === what && (it.to ?? null) === (options.to ?? null);
  const outcomes = () => [...stage.events(who, 'answered'), ...stage.events(who, 'unanswered')].filter(isIt);
  const before = new Set(outcomes());
  stage.tell(who, what, options);
  const told = () => outcomes().find((it) => !before.has(it));
  const { event, why } = await stage.until(`${what} is answered`, told);
  check(event === 'answered', `${what} failed: ${why}`);
}

/** The server goes, by this signal, and another comes; the client finds its way back. */
async function survives(stage, library, signal) {
  await stage.serve();
  await stage.loggedIn('one', ONE);
  // A login may go on behind the library's word for it: nbxmpp cannot bind again once its `<enable/>` found no answer.
  await asks(stage, 'one', 'ping', { to: DOMAIN });
  stage.signal(signal);
  await stage.next('the library notices', 'one', 'offline');
  await stage.gone();
  await stage.serve();
  if (!library.reconnects) stage.tell('one', 'reconnect');
  const isBack = () => stage.events('one', 'online').length === 2;
  await stage.until('it is logged in again', isBack, LOGIN);
  await asks(stage, 'one', 'ping', { to: DOMAIN });
  return library.reconnects ? 'by itself' : 'when told to';
}

export const scenarios = [
  {
    name: 'log in',
    async play(stage) {
      await stage.serve();
      await stage.loggedIn('one', ONE);
      check(!offered(stage).includes('PLAIN'), 'PLAIN is offered where others could read it');
      return mechanism(stage);
    },
  },
  {
    name: 'log in with PLAIN',
    async play(stage) {
      await stage.serve({ options: ['--allow-plaintext-auth'] });
      await stage.loggedIn('one', ONE, { mechanism: 'PLAIN' });
      check(mechanism(stage) === 'PLAIN', `it took ${mechanism(stage)}`);
    },
  },
  {
    name: 'wrong password',
    async play(stage) {
      await stage.serve();
      stage.login('one', ONE, { password: 'guess' });
      const { why } = await stage.next('the library reports it', 'one', 'refused', undefined, LOGIN);
      check(stage.said('server').some((text) => text.includes('<not-authorized')), 'the server gave no reason');
      // Nothing of it is left over for the next.
      await stage.loggedIn('two', TWO);
      check(stage.events('one', 'online').length === 0, 'it was logged in');
      return why;
    },
  },
  {
    name: 'what it asks by itself, roster and disco',
    async play(stage) {
      await stage.serve();
      await stage.loggedIn('one', ONE);
      await meet(stage, 'one');
      await asks(stage, 'one', 'roster');
      await asks(stage, 'one', 'disco', { to: DOMAIN });
      const isAnswer = (id) => (text) =>
        text.startsWith('<iq ') && ['result', 'error'].includes(attribute(text, 'type')) && attribute(text, 'id') === id;
      const asked = stage.said('client').filter((it) => it.startsWith('<iq ') && /^(get|set)$/.test(attribute(it, 'type')));
      // Three at least: the resource, the roster and the host's features.
      check(asked.length >= 3, `only ${asked.length} requests were seen`);
      const refused = [];
      for (const request of asked) {
        const isIt = isAnswer(attribute(request, 'id'));
        const answer = await stage.until(`an answer to ${request}`, () => stage.said('server').find(isIt));
        if (attribute(answer, 'type') === 'error') refused.push(/<iq [^>]*>.*?xmlns=["']([^"']+)/.exec(request)[1]);
      }
      return `${asked.length} answered${refused.map((it) => `, ${it} refused`).join('')}`;
    },
  },
  {
    name: 'presence',
    async play(stage) {
      await stage.serve(WITH_BOB);
      await stage.loggedIn('one', ONE);
      await stage.loggedIn('two', TWO);
      const sees = (who, from, type) =>
        stage.next(`${who} sees that ${from} is ${type}`, who, 'presence', (it) => it.from === from && it.type === type);
      stage.tell('one', 'presence');
      await sees('one', ONE, 'available');
      stage.tell('two', 'presence');
      await Promise.all([sees('one', TWO, 'available'), sees('two', ONE, 'available'), sees('two', TWO, 'available')]);
      // To somebody else, directly.
      await stage.loggedIn('bob', BOB);
      stage.tell('one', 'presence', { to: BOB });
      await sees('bob', ONE, 'available');
    },
  },
  {
    name: 'message, both ways',
    async play(stage) {
      await stage.serve(WITH_BOB);
      await stage.loggedIn('one', ONE);
      await stage.loggedIn('bob', BOB);
      await meet(stage, 'bob');
      await says(stage, 'one', `bob@${DOMAIN}`, 'bob', ONE);
      await says(stage, 'bob', ONE, 'one', BOB);
    },
  },
  {
    name: 'message to and from `xmpp-ws connect`',
    async play(stage) {
      await stage.serve(WITH_BOB);
      const bob = await stage.connect(BOB);
      await stage.loggedIn('one', ONE);
      stage.tell('one', 'message', { to: BOB, body: GREETING });
      const heard = await bob.stanza('connect gets the message', (xml) => xml.startsWith('<message '));
      const [, body] = /<body[^>]*>(.*)<\/body>/s.exec(heard.xml);
      check(unescaped(body) === GREETING, `connect read ${heard.xml}`);
      check(attribute(heard.xml, 'from') === ONE, `connect got it from ${attribute(heard.xml, 'from')}`);
      bob.send(`<message to="${ONE}" type="chat"><body>${escaped(GREETING)}</body></message>`);
      const answer = await stage.next('the library gets the message', 'one', 'message');
      check(answer.body === GREETING, `the library read ${JSON.stringify(answer.body)}`);
    },
  },
  {
    name: 'many messages, and a long one',
    async play(stage) {
      await stage.serve();
      await stage.loggedIn('one', ONE);
      await stage.loggedIn('two', TWO);
      const bodies = Array.from({ length: 1000 }, (_, number) => `number ${number}`);
      // Below what the server takes, and above what any buffer does.
      bodies.push('é'.repeat(100_000));
      for (const body of bodies) stage.tell('one', 'message', { to: TWO, body });
      const heard = () => stage.events('two', 'message');
      await stage.until(`${bodies.length} messages`, () => heard().length === bodies.length, MANY);
      const wrong = heard().findIndex(({ body }, index) => body !== bodies[index]);
      check(wrong < 0, `number ${wrong} is ${heard()[wrong]?.body.slice(0, 50)}`);
    },
  },
  {
    name: 'a message over the limit',
    async play(stage) {
      await stage.serve();
      await stage.loggedIn('one', ONE);
      await stage.loggedIn('two', TWO);
      stage.expectedErrors.add('policy-violation');
      stage.tell('one', 'message', { to: TWO, body: 'x'.repeat(300_000) });
      await stage.next('the library notices', 'one', 'offline');
      check(stage.said('server', 0).some((text) => text.includes('<policy-violation')), 'it cannot read why');
      check(isBye(stage.said('server', 0).at(-1)), `the last it was told is ${stage.said('server', 0).at(-1)}`);
      // Nobody else was harmed.
      await asks(stage, 'two', 'ping', { to: DOMAIN });
      check(stage.events('two', 'message').length === 0, 'it was delivered all the same');
    },
  },
  {
    name: 'ping, both ways',
    async play(stage, library) {
      await stage.serve(WITH_BOB);
      const bob = await stage.connect(BOB);
      await stage.loggedIn('one', ONE);
      await asks(stage, 'one', 'ping', { to: DOMAIN });
      bob.send(`<iq type="get" id="p1" to="${ONE}"><ping xmlns="urn:xmpp:ping"/></iq>`);
      const { xml } = await bob.stanza('connect gets an answer', (it) => attribute(it, 'id') === 'p1');
      check(attribute(xml, 'type') === 'result', `the answer is ${xml}`);
      check(attribute(xml, 'from') === ONE, `the answer comes from ${attribute(xml, 'from')}`);
      return library.answersPings ? undefined : "answered by the test's handler, it has none";
    },
  },
  {
    name: 'close by the client',
    async play(stage) {
      await stage.serve();
      await stage.loggedIn('one', ONE);
      await stage.loggedIn('two', TWO);
      await meet(stage, 'one');
      await meet(stage, 'two');
      stage.tell('one', 'close');
      const isGone = (it) => it.from === ONE && it.type === 'unavailable';
      await stage.next('the other resource sees it go', 'two', 'presence', isGone);
      await stage.next('the library says that it is over', 'one', 'offline');
      await stage.until('the connection is over', () => stage.tap.connections[0].over);
      check(isBye(stage.said('client', 0).at(-1)), `the last that it said is ${stage.said('client', 0).at(-1)}`);
      check(isBye(stage.said('server', 0).at(-1)), `the last it was told is ${stage.said('server', 0).at(-1)}`);
      check(!stage.tap.connections[1].over, 'the other resource was closed, too');
    },
  },
  {
    name: 'close by the server',
    async play(stage) {
      await stage.serve();
      await stage.loggedIn('one', ONE);
      stage.expectedErrors.add('system-shutdown');
      stage.signal('SIGTERM');
      await stage.next('the library notices', 'one', 'offline');
      const exit = await stage.gone();
      check(exit.code === 0, `the server ended with ${JSON.stringify(exit)}`);
      const last = stage.said('server', 0);
      check(last.some((text) => text.includes('<system-shutdown')), 'the server did not say why');
      check(isBye(last.at(-1)), `the last it was told is ${last.at(-1)}`);
    },
  },
  {
    name: 'reconnect after a restart',
    play(stage, library) {
      stage.expectedErrors.add('system-shutdown');
      return survives(stage, library, 'SIGTERM');
    },
  },
  {
    name: 'reconnect after a crash',
    play: (stage, library) => survives(stage, library, 'SIGKILL'),
  },
];
