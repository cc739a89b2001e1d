// stanza (stanza.io's successor).

import { createClient } from 'stanza';
import { act } from './actor.mjs';

// It says on standard output what is ours to say.
console.log = console.error;

act((tell) => {
  let client;
  const ask = (promise, what, to) =>
    promise.then(
      () => tell('answered', { what, to }),
      (error) => tell('unanswered', { what, to, why: error?.error?.condition ?? String(error) }),
    );

  return {
    login({ url, jid, password, mechanism }) {
      const [bare, resource] = jid.split('/');
      client = createClient({ jid: bare, resource, password, transports: { websocket: url, bosh: false } });
      client.config.autoReconnect = true;
      if (mechanism === 'PLAIN') {
        for (const { name } of client.sasl.mechanisms) if (name !== 'PLAIN') client.sasl.disable(name);
      }
      client.on('session:started', () => tell('online', { jid: client.jid }));
      client.on('auth:failed', () => {
        // It would try again with the same password, for ever.
        client.config.autoReconnect = false;
        tell('refused', { why: 'auth:failed' });
      });
      client.on('disconnected', () => tell('offline'));
      client.on('message', ({ from, body }) => tell('message', { from, body }));
      client.on('presence', ({ from, type }) => tell('presence', { from, type: type ?? 'available' }));
      client.connect();
    },
    presence({ to }) {
      client.sendPresence(to ? { to } : {});
    },
    message({ to, body }) {
      client.sendMessage({ to, body, type: 'chat' });
    },
    ping({ to }) {
      ask(client.ping(to), 'ping', to);
    },
    roster() {
      ask(client.getRoster(), 'roster');
    },
    disco({ to }) {
      ask(client.getDiscoInfo(to), 'disco', to);
    },
    close() {
      client.disconnect();
    },
  };
});
