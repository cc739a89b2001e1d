//! `xmpp-ws connect` without `--url`: the account's domain says where its endpoint is.

use rcgen::IsCa;
use serde_json::json;
use xmpp_ws_tests::managed::MANAGED_FEATURES;
use xmpp_ws_tokio::server_tls_from_pem_files;

use crate::peer::Peer;
use crate::process::Process;
use crate::tls::Files;

/// A host with TLS by the certificate in `files`.
fn host(files: &Files) -> Peer {
    let tls = server_tls_from_pem_files(files.path("certificate.pem"), files.path("key.pem"));
    Peer::new().with_tls(tls.unwrap())
}

fn client(domain: &Peer, ca: &str) -> Process {
    let resolve = format!("Example.com:127.0.0.1:{}", domain.port());
    Process::start(&[
        "connect",
        "--json",
        "--jid",
        "alice@example.com/r",
        "--password",
        "secret",
        "--ca",
        ca,
        "--resolve",
        &resolve,
    ])
}

fn http(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

#[test]
fn the_domain_says_where_it_is() {
    let files = Files::new("discovering", "example.com", IsCa::NoCa);
    let (domain, endpoint) = (host(&files), host(&files));
    // Behind another name the domain's own certificate is shown.
    let uri = format!("wss://localhost:{}/ws", endpoint.port());
    let mut client = client(&domain, &files.path("certificate.pem"));
    let document = format!(
        "<XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'>\
         <Link rel='urn:xmpp:alt-connections:websocket' href='{uri}'/></XRD>"
    );
    assert_eq!(domain.answers_http(&http("200 OK", &document)), "/.well-known/host-meta");
    let mut line = endpoint.accepts();
    line.logs_in(MANAGED_FEATURES);
    line.binds();
    line.enables();
    assert_eq!(client.event(), json!({"event": "discovered", "uris": [uri]}));
    assert_eq!(client.event()["event"], "bound");
    client.ends_input();
    line.sees_close();
    assert_eq!(client.event(), json!({"event": "closed"}));
    assert_eq!(client.status().code(), Some(0));
}

#[test]
fn a_domain_without_an_endpoint_is_an_error() {
    let files = Files::new("undiscovered", "example.com", IsCa::NoCa);
    let domain = host(&files);
    let mut client = client(&domain, &files.path("certificate.pem"));
    let asked = [0; 2].map(|_| domain.answers_http(&http("404 Not Found", "")));
    assert_eq!(asked, ["/.well-known/host-meta", "/.well-known/host-meta.json"]);
    let event = client.event();
    assert_eq!((&event["event"], &event["condition"]), (&json!("error"), &json!("not-found")));
    assert!(event["text"].as_str().unwrap().contains("--url"), "{event}");
    assert_eq!(client.status().code(), Some(1));
}

#[test]
fn the_domain_is_asked_only_with_a_certificate_that_is_trusted() {
    let files = Files::new("discovered", "example.com", IsCa::NoCa);
    let other = Files::new("undiscoverable", "example.com", IsCa::NoCa);
    let domain = host(&files);
    let mut client = client(&domain, &other.path("certificate.pem"));
    // One try a document.
    assert!(domain.is_not_trusted() && domain.is_not_trusted());
    let event = client.event();
    assert_eq!((&event["event"], &event["condition"]), (&json!("error"), &json!("not-found")));
    assert!(event["text"].as_str().unwrap().contains("certificate"), "{event}");
    assert_eq!(client.status().code(), Some(1));
}
