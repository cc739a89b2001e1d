"""nbxmpp, the library of Gajim, over libsoup's WebSocket.

Commands come in on standard input and what happens goes out on standard output, as JSON, one object a line."""

import json
import logging
import sys
import traceback

import gi

gi.require_version('Soup', '3.0')

from gi.repository import GLib
from nbxmpp.client import Client
from nbxmpp.const import ConnectionProtocol, ConnectionType, StreamError
from nbxmpp.protocol import JID, Message
from nbxmpp.structs import StanzaHandler

logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
# What is thrown in a callback of GLib's would only be printed.
sys.excepthook = lambda *error: say(event='threw', why=''.join(traceback.format_exception(*error)))


def say(**line):
    print(json.dumps(line), flush=True)


class Actor:
    """One client."""

    def __init__(self, who):
        self.who = who
        self.client = None

    def tell(self, event, **more):
        say(who=self.who, event=event, **more)

    def login(self, url, jid, password, mechanism=None):
        jid = JID.from_string(jid)
        self.client = client = Client(log_context=self.who)
        client.set_domain(jid.domain)
        client.set_username(jid.localpart)
        client.set_resource(jid.resource)
        client.set_password(password)
        client.set_custom_host(url, ConnectionProtocol.WEBSOCKET, ConnectionType.PLAIN)
        if mechanism:
            client.set_mechs({mechanism})
        client.subscribe('connected', self._on_online)
        client.subscribe('connection-failed', self._on_failed)
        client.subscribe('disconnected', self._on_offline)
        client.register_handler(StanzaHandler(name='message', callback=self._on_message))
        client.register_handler(StanzaHandler(name='presence', callback=self._on_presence))
        client.connect()

    def reconnect(self):
        self.client.connect()

    def presence(self, to=None):
        self.client.get_module('BasePresence').send(jid=to)

    def message(self, to, body):
        self.client.send_stanza(Message(to=to, typ='chat', body=body))

    def ping(self, to):
        self._ask(self.client.get_module('Ping').ping(JID.from_string(to), timeout=5), 'ping', to)

    def roster(self):
        self._ask(self.client.get_module('Roster').request_roster(timeout=5), 'roster', None)

    def disco(self, to):
        self._ask(self.client.get_module('Discovery').disco_info(to, timeout=5), 'disco', to)

    def close(self):
        self.client.disconnect()

    def _ask(self, task, what, to):
        def done(task):
            try:
                task.finish()
            except Exception as error:
                self.tell('unanswered', what=what, to=to, why=repr(error))
            else:
                self.tell('answered', what=what, to=to)

        task.add_done_callback(done, weak=False)

    def _on_online(self, client, _signal):
        self.tell('online', jid=str(client.get_bound_jid()))

    def _on_failed(self, client, _signal):
        self.tell('failed', why=str(client.get_error()))

    def _on_offline(self, client, _signal):
        domain, error, _text = client.get_error()
        if domain is StreamError.SASL:
            self.tell('refused', why=str(error))
        self.tell('offline')

    def _on_message(self, _client, _stanza, properties):
        self.tell('message', **{'from': str(properties.jid), 'body': properties.body})

    def _on_presence(self, _client, _stanza, properties):
        self.tell('presence', **{'from': str(properties.jid), 'type': properties.type.value or 'available'})


actors = {}
loop = GLib.MainLoop()


def on_input(channel, condition):
    line = channel.readline() if condition & GLib.IOCondition.IN else None
    if not line:
        loop.quit()
        return GLib.SOURCE_REMOVE
    command = json.loads(line)
    verb, who = command.pop('do'), command.pop('who')
    getattr(actors.setdefault(who, Actor(who)), verb)(**command)
    return GLib.SOURCE_CONTINUE


channel = GLib.IOChannel.unix_new(sys.stdin.fileno())
GLib.io_add_watch(channel, GLib.PRIORITY_DEFAULT, GLib.IOCondition.IN | GLib.IOCondition.HUP, on_input)
loop.run()
