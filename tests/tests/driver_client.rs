//! What a client's session does without a detour, against a server's session in memory.

use std::future::Future;
use std::pin::Pin;

use xmpp_ws::client::{Client, ClientEvent, Iq, NotEntered, Reply};
use xmpp_ws::condition::Condition;
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::Connection;
use xmpp_ws::error::Misuse;
use xmpp_ws::sasl::Password;
use xmpp_ws::server::{Server, ServerEvent};
use xmpp_ws::stanza::Message;
use xmpp_ws::stream_error::StreamError;
use xmpp_ws_driver::{Io, Session};
use xmpp_ws_tests::memory::{MemoryIo, World};
use xmpp_ws_tests::pair::{PASSWORD, client_config, server_config, stored_keys};
use xmpp_ws_tests::random::Seeded;

#[test]
fn a_client_is_served_by_plain_methods() {
    let (heard, ()) = talk(async |mut session| {
        // A password that cannot be used, then the right one.
        let ClientEvent::PasswordWanted(request) = wanted(&mut session).await else { panic!() };
        let Err(NotEntered { why: Misuse::Sasl(_), request, .. }) =
            session.password(request, &Password::new("\u{7}"))
        else {
            panic!("it cannot be prepared")
        };
        session.password(*request, &Password::new(PASSWORD)).expect("asked for");
        let ClientEvent::KeysWanted(request) = wanted(&mut session).await else { panic!() };
        assert_eq!(session.jid(), None);
        session.keys(request.run()).expect("asked for");

        let ClientEvent::Bound(own) = wanted(&mut session).await else { panic!() };
        assert_eq!(session.jid(), Some(&own));
        session.set_active(false);
        let hello = Message::new("bob@example.com").body("1 < 2 & 3").finish().expect("text");
        session.send(hello).expect("bound");

        let ping = session.iq(Iq::get("<ping xmlns='urn:xmpp:ping'/>")).expect("bound");
        let ClientEvent::Reply { ticket, reply: Reply::Result(_) } = wanted(&mut session).await
        else {
            panic!("a server answers a ping")
        };
        assert_eq!(ticket, ping);

        let saved = session.save().expect("the server keeps the session");
        assert_eq!(saved.jid(), &own);
        session.fail(StreamError::new(Condition::Reset)).expect("open");
        while session.next().await.is_some() {}
    });
    assert_eq!(heard, ["inactive", "1 < 2 & 3", "reset",],);
}

/// The next event that is neither about the connection nor about what became of a stanza.
async fn wanted(session: &mut Session<Client, MemoryIo>) -> ClientEvent {
    loop {
        match session.next().await.expect("it goes on") {
            ClientEvent::Connected { .. } | ClientEvent::Acked(_) => {}
            event => return event,
        }
    }
}

/// Runs a client that has no password; tells what the server heard.
fn talk<R>(client: impl AsyncFnOnce(Session<Client, MemoryIo>) -> R) -> (Vec<String>, R) {
    let (world, left, right) = World::new(1 << 16);
    let (mut heard, mut result) = (Vec::new(), None);
    let mut config = client_config();
    config.password = None;
    let machine = Client::new(config, Seeded::new(1), left.now());
    let session = Session::new(machine, left).answer_inline(false);
    let machine = Server::new(server_config(), Connection::new(true), Seeded::new(2), right.now());
    let server = Session::new(machine, right);
    world.run(vec![
        boxed(async { result = Some(client(session).await) }),
        boxed(async { heard = serve(server).await }),
    ]);
    (heard, result.expect("it came to its end"))
}

async fn serve(mut session: Session<Server, MemoryIo>) -> Vec<String> {
    let mut heard = Vec::new();
    while let Some(event) = session.next().await {
        let answered = session.command(|server, now| match event {
            ServerEvent::OpenRequested(request) => server.accept(now, request),
            ServerEvent::CredentialsWanted(request) => {
                let keys = stored_keys(request.hash());
                server.credentials(now, request, Some(&keys))
            }
            ServerEvent::BindRequested(request) => server.bind(now, request),
            ServerEvent::ClientState { active } => {
                heard.push(if active { "active" } else { "inactive" }.to_owned());
                Ok(())
            }
            ServerEvent::Stanza(stanza) => {
                heard.extend(stanza.read().root().children().map(|it| it.text().into_owned()));
                Ok(())
            }
            ServerEvent::Ended(Ending::PeerError(error)) => {
                heard.push(error.name);
                Ok(())
            }
            _ => Ok(()),
        });
        answered.expect("the request was just made");
    }
    heard
}

fn boxed<'a>(task: impl Future<Output = ()> + 'a) -> Pin<Box<dyn Future<Output = ()> + 'a>> {
    Box::pin(task)
}
