// Who is logged in, and until when.
import { proxy } from '../proxy.mjs';
import { server } from '../stage.mjs';
import { User, check } from '../user.mjs';

export default [
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
  ['a silent server is asked whether it is there', null, async () => {
    const alice = await (await User.open('alice', { query: { keepalive: 0.3 } })).logIn();
    await alice.page.waitForTimeout(1500);
    // With stream management a request for a count serves as a ping (XEP-0198 § 4).
    const asked = alice.frames.filter((frame) => frame.startsWith('<r ') || frame.includes('urn:xmpp:ping'));
    check(asked.length >= 3, `asked ${asked.length} times: ${alice.frames.slice(-3).join(' ')}`);
    await alice.state('online');
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
];
