//! A login, and messages both ways.

use xmpp_ws::ending::Ending;
use xmpp_ws_tokio::DialConfig;

use crate::{client_by, ending, logged_in, serve, stanza, until};

#[tokio::test]
async fn a_user_logs_in_talks_and_goes() {
    let served = serve().await;
    let mut client = logged_in(served.uri()).await;
    assert_eq!(served.xmpp.connections(), 1);
    for number in 0..1000 {
        let body = format!("<body>{number} {}</body>", "é".repeat(number * 10));
        client.send(format!("<message id='{number}'>{body}</message>")).unwrap();
        let echo = stanza(&mut client).await;
        assert!(echo.contains(&body) && echo.contains(&format!("id='{number}'")), "{echo}");
    }
    client.close().unwrap();
    assert_eq!(ending(&mut client).await, Ending::Clean);
    until(|| served.xmpp.connections() == 0).await;
    assert_eq!(served.log.lines(), ["from 127.0.0.1", "the stream was closed", "gone"]);
}

#[tokio::test]
async fn a_wrong_password_is_refused() {
    let served = serve().await;
    let mut client = client_by(served.uri(), DialConfig::default(), |config| {
        *config = config.clone().with_password("wrong");
    });
    let why = ending(&mut client).await;
    assert!(matches!(why, Ending::NotAuthenticated(_)), "{why}");
}

#[tokio::test]
async fn plain_is_offered_only_where_the_application_says_that_it_is_secure() {
    use xmpp_ws::sasl::Mechanism;

    for secure in [false, true] {
        let served = crate::serve_by(|config| config.secure = secure).await;
        let mut client = client_by(served.uri(), DialConfig::default(), |config| {
            config.mechanisms = vec![Mechanism::External];
        });
        let why = ending(&mut client).await;
        let Ending::NoMechanism(offered) = why else { panic!("{why}") };
        assert_eq!(offered.iter().any(|name| name == "PLAIN"), secure, "{offered:?}");
    }
}
