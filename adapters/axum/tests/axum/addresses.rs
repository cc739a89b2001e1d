//! From where a client comes, behind a proxy. (How the headers are read has tests beside that code.)

use xmpp_ws_axum::{ForwardingHeader, Proxies};

use crate::upgrades::{UPGRADE, XMPP, ask};
use crate::{serve_by, until};

#[tokio::test]
async fn a_trusted_proxy_is_believed_and_nobody_else() {
    use ForwardingHeader::{Forwarded, XForwardedFor};

    for (header, trusted, sent, expected) in [
        (Forwarded, "127.0.0.0/8", "Forwarded: for=203.0.113.7\r\n", "from 203.0.113.7"),
        (Forwarded, "10.0.0.0/8", "Forwarded: for=203.0.113.7\r\n", "from 127.0.0.1"),
        (Forwarded, "127.0.0.1", "X-Forwarded-For: 203.0.113.7\r\n", "from 127.0.0.1"),
        (
            XForwardedFor,
            "127.0.0.1",
            "X-Forwarded-For: 1.2.3.4, 2001:db8::7\r\n",
            "from 2001:db8::7",
        ),
        (XForwardedFor, "127.0.0.1", "", "from 127.0.0.1"),
    ] {
        let proxies = Proxies::trusted(header, [trusted.parse().unwrap()]);
        let served = serve_by(|config| config.proxies = proxies).await;
        let answer = ask(&served, "GET", &format!("{UPGRADE}{XMPP}{sent}")).await;
        assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
        until(|| served.log.lines().len() == 3).await;
        assert_eq!(served.log.lines()[0], expected, "{sent}");
    }
}
