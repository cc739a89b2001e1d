//! Every adapter lives through the same conversations: with `xmpp-ws serve`, with Prosody and ejabberd where `tests/run`
//! has started them, with peers that follow a script, and with each other.
//!
//! Prints a table of what was done and how it went, and writes it to the file that `XMPP_WS_ADAPTERS_TABLE` names.

mod adapters;
mod handshakes;
mod places;
mod route;

use std::env;
use std::fs;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::thread;
use std::time::Duration;

use xmpp_ws::ending::Ending;
use xmpp_ws::server::ServerConfig;
use xmpp_ws_tests::conversation::table::{Cell, cell, failures, table};
use xmpp_ws_tests::conversation::{
    ClientSide, Hosting, Place, ServerSide, TlsFiles, cuts, faults, guests, host, talk,
};

use self::adapters::{AsyncStd, Blocking, Smol, Tokio};
use self::places::{Authority, Served, document, hosted, others};
use self::route::Axum;

#[test]
fn every_adapter_lives_through_the_same_conversations() {
    let authority = Authority::new("trusted");
    let good = authority.issue("localhost");
    let trust = Some(authority.file());
    let plain = Served::start(None, None);
    let secure = Served::start(Some(&good), trust.clone());
    let other_name = Served::start(Some(&authority.issue("example.com")), trust.clone());
    let mut places = vec![plain.place.clone(), secure.place.clone()];
    places.extend(others());
    let stage = Arc::new(Stage {
        places,
        other_name: other_name.place.clone(),
        document: document(&good, trust.clone()),
        untrusted: Place { trust: Some(Authority::new("other").file()), ..secure.place.clone() },
    });

    let columns = [
        client::<Tokio>(&stage, 0),
        client::<Smol>(&stage, 1),
        client::<AsyncStd>(&stage, 2),
        client::<Blocking>(&stage, 3),
    ];
    let clients: Vec<_> =
        columns.into_iter().flat_map(|column| column.join().expect("a column")).collect();
    let names = ["tokio", "smol", "async-std", "blocking"];
    let server_names = ["tokio", "smol", "async-std", "blocking", "axum"];

    let columns = [
        server::<Tokio>(good.clone(), &authority),
        server::<Smol>(good.clone(), &authority),
        server::<AsyncStd>(good.clone(), &authority),
        server::<Blocking>(good.clone(), &authority),
        server::<Axum>(good, &authority),
    ];
    let servers: Vec<_> =
        columns.into_iter().flat_map(|column| column.join().expect("a column")).collect();
    let tables = format!(
        "As clients:\n\n{}\n{SILENCES}\n\nAs servers:\n\n{}",
        table(&names, &clients),
        table(&server_names, &servers)
    );
    println!("{tables}");
    if let Some(file) = env::var_os("XMPP_WS_ADAPTERS_TABLE") {
        fs::write(file, &tables).expect("the tables can be written");
    }

    for cell in clients.iter().chain(&servers).filter(|cell| cell.took > LONG) {
        println!("{}: {} took {:?}", cell.column, cell.row, cell.took);
    }
    for (cells, names) in [(&clients, &names[..]), (&servers, &server_names)] {
        assert!(failures(cells).is_empty(), "{:#?}", failures(cells));
        assert!(cells.len() >= 15 * names.len(), "only {} cells", cells.len());
    }
}

/// A client with a server that follows a script.
type Script = fn() -> String;
/// A client with a server that is there to be used.
type Scenario = fn(Place) -> String;
/// A server with a client that follows a script.
type Visit = fn(&Place, &Receiver<Ending>) -> String;

/// Whom a client meets.
struct Stage {
    places: Vec<Place>,
    /// Its certificate is for another name.
    other_name: Place,
    /// Where there is a document, and whom to trust.
    document: Place,
    /// Its certificate is by nobody trusted.
    untrusted: Place,
}

/// A client's part, one scenario after the other. It begins with the place of this number, so that not all wait for
/// the same server at a time.
fn client<A: ClientSide>(stage: &Arc<Stage>, first: usize) -> thread::JoinHandle<Vec<Cell>> {
    let stage = Arc::clone(stage);
    thread::spawn(move || {
        let mut cells = Vec::new();
        let places = stage.places.iter().cycle().skip(first);
        for place in places.take(stage.places.len()) {
            cells.extend(with_place::<A>(place, A::NAME));
        }
        let scripts: [(&str, Script); 9] = [
            ("fragments with pings between them", || A::run(faults::fragments::<A>())),
            ("the server closes", || A::run(faults::left::<A>())),
            ("the client closes", || A::run(faults::leaves::<A>())),
            ("a silent server", || A::run(faults::silence::<A>())),
            ("too long a message from the server", || A::run(faults::too_long::<A>())),
            ("both write first, over a tiny buffer", || A::run(faults::both_write_first::<A>())),
            ("the endpoint dials again", || A::run(faults::dials_again::<A>())),
            ("nobody there, or not xmpp", || A::run(faults::refusals::<A>())),
            ("a server that vanishes while logging in", || A::run(faults::vanishing::<A>())),
        ];
        for (what, run) in scripts {
            cells.push(cell(what, A::NAME, run));
        }
        let document = stage.document.clone();
        cells.push(cell("a document is fetched, redirects followed", A::NAME, || {
            A::run(faults::fetches::<A>(document.uri, document.trust.expect("an authority")))
        }));
        let other_name = stage.other_name.clone();
        cells.push(cell("a certificate for another name", A::NAME, || {
            A::run(talk::distrusted::<A>(other_name, "not valid for name"))
        }));
        let untrusted = stage.untrusted.clone();
        cells.push(cell("a certificate of nobody trusted", A::NAME, || {
            A::run(talk::distrusted::<A>(untrusted, "invalid peer certificate"))
        }));
        cells
    })
}

/// What is done with every server that is there to be used.
fn with_place<A: ClientSide>(place: &Place, column: &str) -> Vec<Cell> {
    let scenarios: [(&str, Scenario); 7] = [
        ("log in and leave", |place| A::run(talk::log_in_and_leave::<A>(place))),
        ("the longest message", |place| A::run(talk::longest::<A>(place))),
        ("one byte more", |place| A::run(talk::too_long::<A>(place))),
        ("the server leaves when asked", |place| A::run(talk::left::<A>(place))),
        ("cut and resumed: nothing lost, nothing doubled", |place| {
            A::run(cuts::resumed::<A>(place))
        }),
        ("10,000 messages both ways", |place| A::run(talk::both_ways::<A>(place, 10_000))),
        ("5,000 dropped waits", |place| A::run(talk::dropped_waits::<A>(place, 5000))),
    ];
    scenarios
        .into_iter()
        .filter(|(what, _)| place.leaves || !what.contains("leaves when asked"))
        .map(|(what, run)| {
            let (row, place) = (format!("{what}: {}", place.name), place.clone());
            cell(&row, column, move || run(place))
        })
        .collect()
}

/// A server's part, with tokio's client and with guests that follow a script.
fn server<A: ServerSide>(tls: TlsFiles, authority: &Authority) -> thread::JoinHandle<Vec<Cell>> {
    let trust = Some(authority.file());
    thread::spawn(move || {
        let plain = |config: ServerConfig| hosted::<A>(Hosting::new(config), None);
        let (place, _) = plain(host::config());
        let mut cells = with_place::<Tokio>(&place, A::NAME);
        let (place, _) =
            hosted::<A>(Hosting { tls: Some(tls), ..Hosting::new(host::config()) }, trust);
        cells.extend(with_place::<Tokio>(&place, A::NAME));
        let scripts: [(&str, Visit); 6] = [
            ("fragments with pings between them", guests::fragments),
            ("clients that want something else", guests::refusals),
            (SILENT, guests::silence),
            ("one byte too many, from a client that was not told", guests::too_long),
            ("both write first, over a tiny buffer", guests::writes_first),
            ("a client that vanishes while logging in", guests::vanishing),
        ];
        for (what, run) in scripts {
            let silent = what == SILENT;
            let (place, ended) = plain(if silent { host::impatient() } else { host::config() });
            cells.push(cell(what, A::NAME, move || run(&place, &ended)));
        }
        cells
    })
}

/// The scenario for which a server has to be impatient.
const SILENT: &str = "a silent client";
/// Why the table has not one word for all cuts.
const SILENCES: &str = "A silence is a cut of which neither side is told. ejabberd 23 is cut in no other way: where a \
    connection ends while it writes\nto it, it waits 15 s for itself, and whoever is back hears then that there is no \
    such session.";
/// What takes longer is told.
const LONG: Duration = Duration::from_secs(2);
