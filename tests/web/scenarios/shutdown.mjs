// The end of the server, after which nothing else can be played.
import { server } from '../stage.mjs';
import { User, check } from '../user.mjs';

export default [
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
