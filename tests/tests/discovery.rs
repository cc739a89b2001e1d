//! What servers publish of themselves, and what comes of it.

use proptest::prelude::*;
use xmpp_ws::discovery::{Discovery, DiscoveryError, Problem, Step, Tried};
use xmpp_ws::endpoint::{DialError, DialErrorKind, Fetch, Fetched, Target};
use xmpp_ws::limits::Limits;
use xmpp_ws::tolerance::Tolerance;
use xmpp_ws::uri::UriError;
use xmpp_ws::xml::Rule;
use xmpp_ws_tests::{fuzz, mutate};

const XRD: &str = "http://docs.oasis-open.org/ns/xri/xrd-1.0";

fn discovery(account: &str) -> Discovery {
    let account = account.parse().expect("an address");
    Discovery::new(&account, &Limits::default(), Tolerance::default())
}

fn ok(body: impl Into<Vec<u8>>) -> Fetched {
    status(200, body)
}

fn status(status: u16, body: impl Into<Vec<u8>>) -> Fetched {
    Fetched::new(status, body.into())
}

/// What comes of these answers, of which each must be asked for.
fn outcome(
    mut discovery: Discovery,
    answers: impl IntoIterator<Item = Fetched>,
) -> Result<Vec<Target>, DiscoveryError> {
    for fetched in answers {
        let Step::Fetch(uri) = discovery.step() else { panic!("it asks for no more") };
        discovery.on_fetched(Fetch::new(uri, Ok(fetched)));
    }
    match discovery.step() {
        Step::Found(targets) => Ok(targets),
        Step::Failed(error) => Err(error),
        Step::Fetch(uri) => panic!("it still asks for {uri}"),
    }
}

fn addresses(targets: &[Target]) -> Vec<String> {
    targets.iter().map(|target| target.uri.to_string()).collect()
}

/// What an XRD document leads to.
fn of_xrd(document: &str) -> Vec<String> {
    addresses(&outcome(discovery("alice@example.com"), [ok(document)]).expect(document))
}

/// What a JRD document leads to, where there is no XRD.
fn of_jrd(document: &str) -> Vec<String> {
    let answers = [status(404, ""), ok(document)];
    addresses(&outcome(discovery("alice@example.com"), answers).expect(document))
}

/// What is wrong with an XRD document.
fn fault_of_xrd(document: impl Into<Vec<u8>>) -> Problem {
    problems([ok(document), status(404, "")]).swap_remove(0)
}

/// What is wrong with a JRD document.
fn fault_of_jrd(document: impl Into<Vec<u8>>) -> Problem {
    problems([status(404, ""), ok(document)]).swap_remove(1)
}

fn problems(answers: [Fetched; 2]) -> Vec<Problem> {
    match outcome(discovery("alice@example.com"), answers) {
        Err(DiscoveryError::NotFound { domain, tried }) => {
            assert_eq!(domain, "example.com");
            let uris: Vec<_> = tried.iter().map(|tried| tried.uri.path_and_query()).collect();
            assert_eq!(uris, ["/.well-known/host-meta", "/.well-known/host-meta.json"]);
            tried.into_iter().map(|Tried { problem, .. }| problem).collect()
        }
        other => panic!("{other:?}"),
    }
}

/// An XRD document with this in it.
fn xrd(content: &str) -> String {
    format!("<?xml version='1.0' encoding='utf-8'?>\n<XRD xmlns='{XRD}'>{content}</XRD>\n")
}

fn link(href: &str) -> String {
    format!("<Link rel='urn:xmpp:alt-connections:websocket' href='{href}'/>")
}

#[test]
fn documents_as_servers_write_them() {
    // A file as the documentation of Prosody has it, with what else people keep there.
    let by_hand = "<?xml version='1.0' encoding='utf-8'?>
<!-- see XEP-0156 -->
<XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'>
  <Link rel=\"lrdd\" type=\"application/xrd+xml\" template=\"https://example.com/?q={uri}\" />
  <Link rel=\"urn:xmpp:alt-connections:xbosh\"
        href=\"https://example.com:5281/http-bind\" />
  <Link rel=\"urn:xmpp:alt-connections:websocket\"
        href=\"wss://example.com:5281/xmpp-websocket\" />
</XRD>
";
    // By a program: nothing between the elements, an end tag each.
    let by_program = "<?xml version='1.0' encoding='utf-8'?><XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'>\
        <Link rel='urn:xmpp:alt-connections:xbosh' href='https://example.com:5281/http-bind'></Link>\
        <Link href='wss://example.com:5281/xmpp-websocket' rel='urn:xmpp:alt-connections:websocket'></Link></XRD>";
    // With a prefix, a schema, a subject and signatures of others.
    let by_standard = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>
<hm:XRD xmlns:hm='http://docs.oasis-open.org/ns/xri/xrd-1.0' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'>
  <hm:Subject>https://example.com/</hm:Subject>
  <hm:Property type='urn:example:p' xsi:nil='true'/>
  <hm:Link rel='urn:xmpp:alt-connections:websocket' href='wss://example.com:5281/xmpp-websocket'>
    <hm:Title xml:lang='en'>&lt;chat&gt;</hm:Title>
  </hm:Link>
</hm:XRD>";
    for document in [by_hand, by_program, by_standard] {
        assert_eq!(of_xrd(document), ["wss://example.com:5281/xmpp-websocket"]);
        // As editors and templates leave it.
        for (before, after) in [("\u{feff}", ""), ("\r\n", "\n\n"), ("", "<!-- end -->\n<?x y?>")] {
            let document = [before, document, after].concat();
            assert_eq!(of_xrd(&document), ["wss://example.com:5281/xmpp-websocket"]);
        }
    }
    for document in [
        r#"{"links":[{"href":"https://example.com/bosh","rel":"urn:xmpp:alt-connections:xbosh"},
            {"href":"wss://example.com/ws","rel":"urn:xmpp:alt-connections:websocket"}]}"#,
        "\u{feff}{\"subject\":\"example.com\",\"expires\":null,\"properties\":{\"a\":null},\"links\":[\
            {\"rel\":\"lrdd\",\"template\":\"x\",\"titles\":{\"en\":\"y\"}},\
            {\"rel\":\"urn:xmpp:alt-connections:websocket\",\"href\":\"wss:\\/\\/example.com\\/ws\",\
            \"properties\":{\"b\":[1,{\"c\":2.5e3}]}}]}\n",
    ] {
        assert_eq!(of_jrd(document), ["wss://example.com/ws"]);
    }
}

#[test]
fn the_order_is_kept_and_each_comes_once() {
    let links = [
        "wss://b.example/ws",
        "wss://a.example/ws",
        "wss://b.example/ws",
        "WSS://B.example:443/ws",
        "wss://b.example/WS",
    ];
    let document = xrd(&links.map(link).concat());
    assert_eq!(
        of_xrd(&document),
        ["wss://b.example/ws", "wss://a.example/ws", "wss://b.example/WS"]
    );
}

#[test]
fn a_link_counts_by_its_place_namespace_and_relation() {
    let good = link("wss://example.com/ws");
    for other in [
        "<Link xmlns='urn:x' rel='urn:xmpp:alt-connections:websocket' href='wss://a.example/'/>",
        "<x><Link rel='urn:xmpp:alt-connections:websocket' href='wss://a.example/'/></x>",
        "<link rel='urn:xmpp:alt-connections:websocket' href='wss://a.example/'/>",
        "<Link rel='urn:xmpp:alt-connections:websockets' href='wss://a.example/'/>",
        "<Link href='wss://a.example/'/>",
        "<!-- <Link rel='urn:xmpp:alt-connections:websocket' href='wss://a.example/'/> -->",
        "<![CDATA[<Link rel='urn:xmpp:alt-connections:websocket' href='wss://a.example/'/>]]>",
        "<Link rel='urn:xmpp:alt-connections:s2s-websocket' href='wss://a.example/'/>",
    ] {
        assert_eq!(of_xrd(&xrd(&[other, &good].concat())), ["wss://example.com/ws"], "{other}");
        assert_eq!(fault_of_xrd(xrd(other)), Problem::NoLink, "{other}");
    }
    // RFC 5988 § 4.2: without regard to case.
    let loud = good.replace("urn:xmpp", "URN:XMPP");
    assert_eq!(of_xrd(&xrd(&loud)), ["wss://example.com/ws"]);
    // White space does not count in an `anyURI`, and references are what they stand for.
    let spaced = link("\n wss://example.com/ws?a=1&amp;b=&#50; ");
    assert_eq!(of_xrd(&xrd(&spaced)), ["wss://example.com/ws?a=1&b=2"]);
}

#[test]
fn what_is_no_endpoint_is_passed_over_and_named_if_there_is_no_other() {
    let good = "wss://example.com/ws";
    let bad = |address: &str, why| Problem::BadAddress { address: address.into(), why };
    for (address, problem) in [
        ("", bad("", UriError::Scheme)),
        ("/ws", bad("/ws", UriError::Scheme)),
        ("wss://", bad("wss://", UriError::Host)),
        ("wss://a b/", bad("wss://a b/", UriError::Host)),
        ("wss://u:p@a.example/", bad("wss://u:p@a.example/", UriError::UserInformation)),
        ("wss://a.example:0/", bad("wss://a.example:0/", UriError::Port)),
        ("wss://a.example/#x", bad("wss://a.example/#x", UriError::Path)),
        ("https://a.example/", Problem::NotWebSocket("https://a.example/".parse().unwrap())),
        ("ws://a.example/", Problem::Insecure("ws://a.example/".parse().unwrap())),
    ] {
        let json = |links: &[&str]| {
            let links = links.iter().map(|href| {
                format!("{{\"rel\":\"urn:xmpp:alt-connections:websocket\",\"href\":\"{href}\"}}")
            });
            format!("{{\"links\":[{}]}}", links.collect::<Vec<_>>().join(","))
        };
        assert_eq!(of_xrd(&xrd(&[link(address), link(good)].concat())), [good]);
        assert_eq!(of_jrd(&json(&[address, good])), [good]);
        assert_eq!(fault_of_xrd(xrd(&link(address))), problem);
        assert_eq!(fault_of_jrd(json(&[address])), problem);
    }
    let no_href = "<Link rel='urn:xmpp:alt-connections:websocket'/>";
    assert_eq!(fault_of_xrd(xrd(no_href)), bad("", UriError::Scheme));
    let long = "x".repeat(10_000);
    let Problem::BadAddress { address, .. } = fault_of_xrd(xrd(&link(&long))) else { panic!() };
    assert_eq!(address.len(), 100, "an error shows its beginning");
}

#[test]
fn documents_that_are_something_else() {
    let xml = |document: &str| match fault_of_xrd(document) {
        Problem::Xml(fault) => (fault.rule, fault.offset),
        problem => panic!("{document}: {problem:?}"),
    };
    assert_eq!(xml(""), (Rule::Empty, 0));
    assert_eq!(xml("<!DOCTYPE html><html/>"), (Rule::Doctype, 0));
    assert_eq!(xml("not found"), (Rule::BeforeRoot, 0));
    assert_eq!(xml("{\"links\":[]}"), (Rule::BeforeRoot, 0));
    assert_eq!(xml("<XRD"), (Rule::Unfinished, 4));
    assert_eq!(xml("<a/><b/>"), (Rule::AfterRoot, 4));
    assert_eq!(xml("<a>&nbsp;</a>").1, 3);
    assert_eq!(xml("<a><!-- -- --></a>"), (Rule::Comment, 3));
    assert_eq!(xml("<a><!-- never ended</a>"), (Rule::Comment, 3));
    // Where it is said is where it stands in the file.
    assert_eq!(
        xml("\u{feff}\n <!-- \u{e9} --> <a b='1' b='2'/>").1,
        "\u{feff}\n <!-- \u{e9} --> <a b='1' ".len()
    );
    // No entity is declared, and none expanded.
    let bomb = "<!DOCTYPE a [<!ENTITY a 'x'><!ENTITY b '&a;&a;&a;'>]><a>&b;</a>";
    assert_eq!(xml(bomb), (Rule::Doctype, 0));
    assert_eq!(xml(&["<!-- -->", bomb].concat()), (Rule::Doctype, 8));
    let outside = xrd(&link("wss://example.com/ws"))
        .replace("?>", "?><!DOCTYPE XRD SYSTEM 'file:///etc/passwd'>");
    assert_eq!(xml(&outside).0, Rule::Doctype);
    let latin = "<?xml version='1.0' encoding='iso-8859-1'?><XRD/>";
    assert_eq!(xml(latin).0, Rule::Encoding);
    let deep = ["<a>".repeat(30_000 / 3), "</a>".repeat(30_000 / 4)].concat();
    assert_eq!(xml(&deep).0, Rule::TooDeep);

    assert_eq!(fault_of_xrd("<html/>"), Problem::NotXrd("html".into()));
    assert_eq!(fault_of_xrd("<XRD/>"), Problem::NotXrd("XRD".into()));
    assert_eq!(fault_of_xrd(b"<a>\xff</a>"), Problem::NotUtf8 { offset: 3 });
    assert_eq!(fault_of_jrd(b"{\"\xff\"}"), Problem::NotUtf8 { offset: 2 });

    for (document, reason) in [
        ("", "EOF while parsing a value at line 1 column 0"),
        ("<XRD/>", "expected value at line 1 column 1"),
        ("{\n\"links\":{}}", "line 2 column"),
        ("{\"links\":[{\"rel\":1}]}", "invalid type"),
        ("{\"links\":[]} {}", "trailing characters"),
        ("{\"links\":[],\"links\":[]}", "duplicate field"),
    ] {
        let Problem::Json(said) = fault_of_jrd(document) else { panic!("{document}") };
        assert!(said.contains(reason), "{document}: {said}");
    }
    // What is not of interest may be nested as deeply as it fits.
    let deep = ["{\"x\":", &"[".repeat(20_000)].concat();
    assert!(matches!(fault_of_jrd(deep.clone()), Problem::Json(_)));
    assert_eq!(fault_of_jrd([&deep, &"]".repeat(20_000), "}"].concat()), Problem::NoLink);
    for empty in ["{}", "{\"links\":null}", "{\"links\":[]}", "{\"links\":[{}]}"] {
        assert_eq!(fault_of_jrd(empty), Problem::NoLink, "{empty}");
    }
}

#[test]
fn other_answers_than_a_document() {
    for number in [204, 301, 404, 500] {
        let document = xrd(&link("wss://example.com/ws"));
        let told = problems([status(number, document), status(number, "")]);
        assert_eq!(told, [Problem::Status(number), Problem::Status(number)]);
    }
    let error = DialError::new(DialErrorKind::Tls, "the certificate is somebody else's");
    let mut discovery = discovery("alice@example.com");
    let Step::Fetch(uri) = discovery.step() else { panic!("it asks for nothing") };
    discovery.on_fetched(Fetch::new(uri, Err(error)));
    let told = outcome(discovery, [status(404, "")]).unwrap_err().to_string();
    assert_eq!(
        told,
        "no endpoint of example.com was found: https://example.com/.well-known/host-meta: no secure connection: the \
         certificate is somebody else's; https://example.com/.well-known/host-meta.json: HTTP status 404"
    );
}

#[test]
fn an_answer_to_another_question_changes_nothing() {
    let mut discovery = discovery("alice@example.com");
    let before = discovery.step();
    let elsewhere = "https://example.net/.well-known/host-meta".parse().unwrap();
    discovery.on_fetched(Fetch::new(elsewhere, Ok(ok(xrd(&link("wss://evil.example/"))))));
    assert_eq!(discovery.step(), before);
    let Step::Fetch(uri) = before else { panic!() };
    discovery.on_fetched(Fetch::new(uri.clone(), Ok(ok(xrd(&link("wss://example.com/"))))));
    let found = discovery.step();
    discovery.on_fetched(Fetch::new(uri, Ok(ok(""))));
    assert_eq!(discovery.step(), found);
    assert!(matches!(found, Step::Found(_)));
}

#[test]
fn domains_are_asked_by_the_names_of_their_hosts() {
    for (account, host) in [
        ("alice@Example.COM./phone", "example.com"),
        ("alice@b\u{fc}cher.example", "xn--bcher-kva.example"),
        ("alice@xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("alice@127.0.0.1", "127.0.0.1"),
        ("alice@[::1]", "[::1]"),
    ] {
        let Step::Fetch(uri) = discovery(account).step() else { panic!("{account}") };
        assert_eq!(uri.to_string(), format!("https://{host}/.well-known/host-meta"));
        let found = outcome(discovery(account), [ok(xrd(&link("wss://elsewhere.example/")))]);
        let bare = host.trim_matches(['[', ']']);
        assert_eq!(found.unwrap()[0].alternative_name.as_deref(), Some(bare));
    }
    let long = format!("alice@{}", "a".repeat(64));
    let error = outcome(discovery(&long), []).unwrap_err();
    assert_eq!(error, DiscoveryError::NoHost("a".repeat(64)));
}

/// What the body of the fuzz target promises, of every edit at every place.
#[test]
fn damaged_documents() {
    for seed in fuzz::DISCOVERY_SEEDS {
        fuzz::discovery(seed.as_bytes());
        mutate::at_every_place(seed, |damaged| fuzz::discovery(damaged.as_bytes()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn any_bytes(settings: u8, bytes: Vec<u8>) {
        fuzz::discovery(&[&[settings], &bytes[..]].concat());
    }

    #[test]
    fn any_edits(seed in 0..fuzz::DISCOVERY_SEEDS.len(), edits: Vec<(usize, usize)>) {
        let edits = edits.into_iter().take(8);
        fuzz::discovery(mutate::edited(fuzz::DISCOVERY_SEEDS[seed], edits).as_bytes());
    }

    #[test]
    fn any_links(hosts in proptest::collection::vec("[a-z]{1,8}", 1..8)) {
        let links: String = hosts.iter().map(|host| link(&format!("wss://{host}/"))).collect();
        let mut expected: Vec<String> = Vec::new();
        for host in hosts {
            let address = format!("wss://{host}/");
            if !expected.contains(&address) {
                expected.push(address);
            }
        }
        prop_assert_eq!(of_xrd(&xrd(&links)), expected);
    }
}
