// Networks and pages that go away and come back, with the session of before.
import { proxy } from '../proxy.mjs';
import { server } from '../stage.mjs';
import { User, check, pair } from '../user.mjs';

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

export default [
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
];
