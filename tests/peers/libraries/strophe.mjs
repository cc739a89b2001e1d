// strophe.js, in one of its two lines: `node strophe.mjs strophe.js` or `node strophe.mjs strophe.js-1.6`.

import { createRequire } from 'node:module';
import { act } from './actor.mjs';

const name = process.argv[2];
// The old line has no build for node's import, only for its require.
const { Strophe, $iq, $msg, $pres } =
  name === 'strophe.js' ? await import('strophe.js') : createRequire(import.meta.url)(name);

const { CONNECTED, CONNFAIL, AUTHFAIL, DISCONNECTED } = Strophe.Status;

act((tell) => {
  let connection;
  let account;

  const onStatus = (status, condition) => {
    if (status === CONNECTED) {
      // The application's own handlers do not outlive a connection.
      connection.addHandler(onMessage, null, 'message');
      connection.addHandler(onPresence, null, 'presence');
      connection.addHandler(onRequest, null, 'iq', 'get');
      tell('online', { jid: connection.jid });
    }
    if (status === AUTHFAIL) tell('refused', { why: condition });
    if (status === CONNFAIL) tell('failed', { why: condition });
    if (status === DISCONNECTED) tell('offline');
  };
  const onMessage = (stanza) => {
    const body = stanza.getElementsByTagName('body')[0];
    tell('message', { from: stanza.getAttribute('from'), body: body?.textContent });
    return true;
  };
  const onPresence = (stanza) => {
    tell('presence', { from: stanza.getAttribute('from'), type: stanza.getAttribute('type') || 'available' });
    return true;
  };
  // The library itself answers all requests with an error that is addressed to nobody. (It cannot choose handlers by the
  // namespace of a child here: the DOM that it brings for node knows no `children`.)
  const onRequest = (stanza) => {
    if (stanza.getElementsByTagName('ping').length === 0) return true;
    connection.send($iq({ type: 'result', id: stanza.getAttribute('id'), to: stanza.getAttribute('from') }));
    return true;
  };
  const ask = (iq, what, to) => {
    const failed = (why) => tell('unanswered', { what, to, why: why ? Strophe.serialize(why) : 'timeout' });
    connection.sendIQ(iq, () => tell('answered', { what, to }), failed, 5000);
  };

  return {
    login({ url, jid, password, mechanism }) {
      account = { jid, password };
      const options = mechanism === 'PLAIN' ? { mechanisms: [Strophe.SASLPlain] } : {};
      connection = new Strophe.Connection(url, options);
      connection.connect(jid, password, onStatus);
    },
    reconnect() {
      connection.reset();
      connection.connect(account.jid, account.password, onStatus);
    },
    presence({ to }) {
      connection.send($pres(to ? { to } : {}));
    },
    message({ to, body }) {
      connection.send($msg({ to, type: 'chat' }).c('body').t(body));
    },
    ping({ to }) {
      ask($iq({ type: 'get', to }).c('ping', { xmlns: 'urn:xmpp:ping' }), 'ping', to);
    },
    roster() {
      ask($iq({ type: 'get' }).c('query', { xmlns: Strophe.NS.ROSTER }), 'roster');
    },
    disco({ to }) {
      ask($iq({ type: 'get', to }).c('query', { xmlns: Strophe.NS.DISCO_INFO }), 'disco', to);
    },
    close() {
      connection.disconnect();
    },
  };
});
