//! A session that cannot be gone on with is given up, and another is bound: no client asks for it for ever.

use xmpp_ws::client::ClientEvent;
use xmpp_ws::endpoint::{Input, Undelivered};
use xmpp_ws_tests::managed::{ENABLED, MESSAGE, REQUEST, answer, lasting_config, resumed, stanza};
use xmpp_ws_tests::solo::{PLAIN_FEATURES, SERVER_OPEN, SoloClient, attribute, bound};

/// How often in a row it is tried in vain, unless the application says otherwise.
const TIMES: usize = 10;

/// The connection ends so; says whether the client hopes to go on with its session.
fn loses(client: &mut SoloClient, how: Input) -> bool {
    client.said();
    client.sees(how);
    let told = client.told();
    let Some(ClientEvent::Disconnected { resumable, .. }) = told.last() else {
        panic!("not disconnected: {told:?}")
    };
    *resumable
}

/// The client logs in again, and binds another session; gives what it hands back.
fn binds_anew(client: &mut SoloClient) -> Vec<Undelivered> {
    client.dials();
    client.logs_in_again();
    let request = client.says();
    assert!(request.contains("<bind "), "{request}");
    let mut told = client.told();
    let Some(ClientEvent::Undelivered(stanzas)) = told.pop() else { panic!("{told:?}") };
    client.hears(bound(&attribute(&request, "id")));
    client.says();
    client.hears(ENABLED);
    assert!(matches!(client.told()[..], [ClientEvent::Bound(_)]));
    stanzas
}

/// Comes back and goes on with the session, of which the server has so many stanzas.
fn resumes(client: &mut SoloClient, h: u32) {
    client.dials();
    client.logs_in_again();
    let asked = client.says();
    assert!(asked.starts_with("<resume "), "{asked}");
    client.hears(resumed(h));
}

#[test]
fn a_wrong_answer_is_not_asked_for_again() {
    let wrong = [
        // More than was sent: the session was saved before that.
        Input::Text(resumed(9).into()),
        Input::Text("<failed xmlns='urn:xmpp:sm:3' h='9'/>".into()),
        // Another session, or none.
        Input::Text("<resumed xmlns='urn:xmpp:sm:3' h='0' previd='s-2'/>".into()),
        Input::Text("<resumed xmlns='urn:xmpp:sm:3' previd='s-1'/>".into()),
        Input::Text("<resumed xmlns='urn:xmpp:sm:3' h='0'/>".into()),
        // No answer at all.
        Input::Text(ENABLED.into()),
        Input::Text("<oops xmlns='urn:example'/>".into()),
        Input::Text(MESSAGE.into()),
        Input::Text("<resumed".into()),
        Input::Binary,
    ];
    for wrong in wrong {
        let mut client = SoloClient::managed();
        client.sends(stanza("1"));
        client.said();
        client.comes_back();
        client.sees(wrong.clone());
        assert!(client.said()[0].starts_with("<stream:error"), "{wrong:?}");
        assert!(!loses(&mut client, Input::Closed { code: Some(1000) }), "{wrong:?}");
        let back = binds_anew(&mut client);
        assert_eq!((back.len(), back[0].written), (1, true), "{wrong:?}");
    }
}

/// What goes wrong before it is asked for says nothing of the session.
#[test]
fn a_fault_of_the_login_does_not_end_the_session() {
    let mut client = SoloClient::managed();
    client.is_cut();
    client.dials();
    client.sees(Input::Connected(xmpp_ws::endpoint::Connection::new(true)));
    client.hears(SERVER_OPEN).hears(PLAIN_FEATURES).sees(Input::Binary);
    assert!(loses(&mut client, Input::Lost));
    resumes(&mut client, 0);
}

/// A stanza for which the server, or somebody on the way, cuts the connection.
#[test]
fn what_breaks_every_connection_is_handed_back() {
    for how in [Input::Lost, Input::Closed { code: Some(1009) }] {
        let mut client = SoloClient::managed();
        client.sends(stanza("poison"));
        client.said();
        assert!(loses(&mut client, how.clone()));
        client.sends(stanza("behind"));
        for time in 1..=TIMES {
            resumes(&mut client, 0);
            // That something comes does not mean that it got through.
            client.hears(MESSAGE);
            assert!(client.says_next().is_some(), "sent again");
            client.sees(how.clone());
            let told = client.told();
            let Some(ClientEvent::Disconnected { resumable, .. }) = told.last() else {
                panic!("{told:?}")
            };
            assert_eq!(*resumable, time < TIMES, "{time}");
        }
        let back = binds_anew(&mut client);
        let back: Vec<_> = back.iter().map(|it| (it.stanza.to_string(), it.written)).collect();
        assert_eq!(back, [(stanza("poison"), true)]);
        // What was never written is not what breaks them.
        assert_eq!(client.said(), [stanza("behind"), REQUEST.to_owned()]);
        client.hears(answer(1));
        assert!(matches!(client.told()[..], [ClientEvent::Acked(_)]));
    }
}

#[test]
fn an_answer_that_never_comes_is_not_waited_for_for_ever() {
    let mut client = SoloClient::managed();
    client.sends(stanza("1"));
    client.said();
    assert!(loses(&mut client, Input::Lost));
    for time in 1..=TIMES {
        client.dials();
        client.logs_in_again();
        assert!(client.says().starts_with("<resume "));
        assert_eq!(loses(&mut client, Input::Lost), time < TIMES, "{time}");
    }
    assert_eq!(binds_anew(&mut client).len(), 1);
}

#[test]
fn how_often_it_is_tried_is_the_applications_choice() {
    for times in [1, 2, 7] {
        let mut config = lasting_config();
        config.reconnect.as_mut().expect("lasting").max_fruitless_resumptions = times;
        let mut client = SoloClient::managed_with(config);
        client.sends(stanza("1"));
        assert!(loses(&mut client, Input::Lost));
        for time in 1..=times {
            resumes(&mut client, 0);
            assert_eq!(loses(&mut client, Input::Lost), time < times, "{time} of {times}");
        }
    }
}

/// However bad the network is, what gets through step by step goes on.
#[test]
fn what_the_server_acknowledges_is_progress() {
    let mut client = SoloClient::managed();
    for n in 0..40 {
        client.sends(stanza(&n.to_string()));
    }
    assert!(loses(&mut client, Input::Lost));
    for n in 0..10 {
        // It says so when it is asked for the session.
        resumes(&mut client, n * 4 + 1);
        assert!(loses(&mut client, Input::Lost), "{n}");
        for _ in 1..TIMES {
            resumes(&mut client, n * 4 + 1);
            assert!(loses(&mut client, Input::Lost), "{n}");
        }
        // Or later.
        resumes(&mut client, n * 4 + 1);
        client.said();
        client.hears(answer(n * 4 + 2));
        assert!(loses(&mut client, Input::Lost), "{n}");
    }
}

/// Cut off is no reason where there is nothing that could be one.
#[test]
fn a_session_in_which_all_is_acknowledged_is_gone_on_with_for_ever() {
    let mut client = SoloClient::managed();
    assert!(loses(&mut client, Input::Lost));
    for time in 0..10 * TIMES {
        resumes(&mut client, 0);
        assert!(loses(&mut client, Input::Lost), "{time}");
    }
}
