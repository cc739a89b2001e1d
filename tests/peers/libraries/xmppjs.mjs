// xmpp.js (@xmpp/client).

import { client, xml } from '@xmpp/client';
import WebSocket from 'ws';
import { act } from './actor.mjs';

// Older versions of node have none.
globalThis.WebSocket ??= WebSocket;

act((tell) => {
  let xmpp;
  const ask = (promise, what, to) =>
    promise.then(
      () => tell('answered', { what, to }),
      (error) => tell('unanswered', { what, to, why: error.condition ?? String(error) }),
    );
  const onStanza = (stanza) => {
    const { from, type } = stanza.attrs;
    if (stanza.is('message')) tell('message', { from, body: stanza.getChildText('body') });
    if (stanza.is('presence')) tell('presence', { from, type: type ?? 'available' });
  };

  return {
    login({ url, jid, password, mechanism }) {
      const [bare, resource] = jid.split('/');
      const [username, domain] = bare.split('@');
      const credentials = mechanism
        ? (authenticate) => authenticate({ username, password }, mechanism)
        : { username, password };
      xmpp = client({ service: url, domain, resource, username, credentials });
      xmpp.on('online', (address) => tell('online', { jid: String(address) }));
      xmpp.on('disconnect', () => tell('offline'));
      xmpp.on('error', (error) => tell('failed', { why: error.condition ?? String(error) }));
      xmpp.on('stanza', onStanza);
      xmpp.start().catch((error) => {
        // It would try again with the same password, for ever.
        xmpp.reconnect.stop();
        if (error.name === 'SASLError') tell('refused', { why: error.condition });
        else tell('failed', { why: String(error) });
      });
    },
    presence({ to }) {
      xmpp.send(xml('presence', to ? { to } : {}));
    },
    message({ to, body }) {
      xmpp.send(xml('message', { to, type: 'chat' }, xml('body', {}, body)));
    },
    ping({ to }) {
      ask(xmpp.iqCaller.get(xml('ping', 'urn:xmpp:ping'), to, 5000), 'ping', to);
    },
    roster() {
      ask(xmpp.iqCaller.get(xml('query', 'jabber:iq:roster'), undefined, 5000), 'roster');
    },
    disco({ to }) {
      ask(xmpp.iqCaller.get(xml('query', 'http://jabber.org/protocol/disco#info'), to, 5000), 'disco', to);
    },
    close() {
      xmpp.stop();
    },
  };
});
