//! Where a client connects to next (RFC 7395 § 3.6.1, XEP-0198 § 5).

use crate::endpoint::Target;
use crate::uri::Uri;

/// The addresses of one account, and where its client is among them.
#[derive(Debug)]
pub(super) struct Route {
    /// Where the account's server is, in the order of preference; empty while that is not known.
    usual: Vec<Target>,
    /// Whether these were found by the account's domain, and so may be others by now.
    is_found: bool,
    /// The one of them that is tried.
    at: usize,
    /// How many of them were tried in vain since one worked.
    tried: usize,
    /// Where the server sent the client, which is left again when it does not work.
    detour: Option<Detour>,
    /// Where the server has sent the client since it last rested, the start included.
    visited: Vec<Uri>,
}

/// Another address than the usual ones.
#[derive(Debug)]
struct Detour {
    target: Target,
    /// Whether it was the server that named it: nobody else could, over a secure connection.
    is_trusted: bool,
}

/// Why a server's wish to have the client elsewhere is not followed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Refusal {
    /// Not an address, or not one of a WebSocket.
    NotWebSocket,
    /// RFC 7395 § 3.6.1: never to a lower security level.
    LessSecure,
    /// It was there already, or was sent too often.
    Loop,
}

impl Route {
    /// The way to this address; `None`: it has to be found.
    pub(super) fn new(usual: Option<Target>) -> Self {
        let usual = Vec::from_iter(usual);
        Self { usual, is_found: false, at: 0, tried: 0, detour: None, visited: Vec::new() }
    }

    /// The account's domain names these.
    pub(super) fn found(&mut self, usual: Vec<Target>) {
        self.usual = usual;
        self.is_found = true;
        (self.at, self.tried) = (0, 0);
    }

    /// Where to connect to now.
    pub(super) fn target(&self) -> Option<&Target> {
        self.detour.as_ref().map(|detour| &detour.target).or_else(|| self.usual.get(self.at))
    }

    /// Whether the application or the server named the address. Otherwise whoever listens on the way may have, and to
    /// such a one no password is shown, however secure the connection.
    pub(super) fn is_trusted(&self) -> bool {
        self.detour.as_ref().is_none_or(|detour| detour.is_trusted)
    }

    /// The way to where the server, if it was that, said.
    fn turn_to(&mut self, target: Target) {
        let named_by_server = |here: &Target| {
            here.uri.is_secure() || (target.uri.is_secure() && here.uri.host() == target.uri.host())
        };
        let is_trusted = self.is_trusted() && self.target().is_some_and(named_by_server);
        self.detour = Some(Detour { target, is_trusted });
    }

    /// The address works.
    pub(super) fn arrived(&mut self) {
        self.tried = 0;
    }

    /// The client stayed somewhere, or waits before it goes on: its way there does not matter any more.
    pub(super) fn rested(&mut self) {
        self.visited.clear();
    }

    /// What worked is lost. Where it was a detour, the server meant it for then.
    pub(super) fn lost(&mut self) {
        self.detour = None;
    }

    /// There is no connection to be had there. Whether another address is left to try at once.
    pub(super) fn failed(&mut self) -> bool {
        if self.detour.take().is_some() {
            return true;
        }
        self.tried += 1;
        let is_left = self.tried < self.usual.len();
        self.at = if self.at + 1 < self.usual.len() { self.at + 1 } else { 0 };
        if !is_left {
            self.tried = 0;
            if self.is_found {
                self.usual.clear();
            }
        }
        is_left
    }

    /// The server sends the client elsewhere (RFC 7395 § 3.6.1).
    pub(super) fn redirect(&mut self, uri: &str, max_redirects: usize) -> Result<(), Refusal> {
        let Ok(uri) = uri.parse::<Uri>() else { return Err(Refusal::NotWebSocket) };
        if !uri.is_websocket() {
            return Err(Refusal::NotWebSocket);
        }
        let here = self.target().map(|target| target.uri.clone());
        if here.as_ref().is_some_and(|here| here.is_secure() && !uri.is_secure()) {
            return Err(Refusal::LessSecure);
        }
        if self.visited.is_empty() {
            self.visited.extend(here);
        }
        // The start is no redirect.
        if self.visited.contains(&uri) || self.visited.len() > max_redirects {
            return Err(Refusal::Loop);
        }
        self.visited.push(uri.clone());
        self.turn_to(Target::new(uri));
        Ok(())
    }

    /// XEP-0198 § 5: the server would like to have the client back at this host, with a port or without.
    ///
    /// The rest of the address is that of the present connection: `location` says nothing of it. Without a port the
    /// scheme's own is meant. What is no such address is passed over; it is a wish, and no more.
    pub(super) fn prefer(&mut self, location: &str) {
        let Some(here) = self.target() else { return };
        let scheme = if here.uri.is_secure() { "wss://" } else { "ws://" };
        let address = [scheme, location, here.uri.path_and_query()].concat();
        let is_host = !location.is_empty() && !location.contains(['/', '?', '#']);
        if let Some(uri) = address.parse().ok().filter(|_| is_host) {
            let mut target = Target::new(uri);
            // It is a node of the same service, and may show the certificate of the whole.
            let name = here.alternative_name.clone();
            target.alternative_name = name.or_else(|| Some(here.uri.host().into()));
            self.turn_to(target);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Refusal, Route};
    use crate::endpoint::Target;

    fn at(uri: &str) -> Target {
        Target::new(uri.parse().expect("an address"))
    }

    fn route(usual: &str) -> Route {
        Route::new(Some(at(usual)))
    }

    fn target(route: &Route) -> String {
        route.target().expect("a target").uri.to_string()
    }

    #[test]
    fn each_address_is_tried_before_it_is_waited() {
        let mut route = Route::new(None);
        assert!(route.target().is_none());
        route.found(vec![at("wss://a/"), at("wss://b/")]);
        assert!(route.failed());
        assert_eq!(target(&route), "wss://b/");
        route.arrived();
        assert!(route.failed());
        assert_eq!(target(&route), "wss://a/");
        assert!(!route.failed());
        assert!(route.target().is_none(), "the domain is asked anew");
    }

    #[test]
    fn a_redirect_never_lowers_security() {
        let table = [
            ("wss://a/", "wss://b/", Ok(())),
            ("wss://a/", "ws://b/", Err(Refusal::LessSecure)),
            ("ws://a/", "ws://b/", Ok(())),
            ("ws://a/", "wss://b/", Ok(())),
            ("wss://a/", "https://b/", Err(Refusal::NotWebSocket)),
            ("wss://a/", "b", Err(Refusal::NotWebSocket)),
            ("wss://a/", "wss://a/", Err(Refusal::Loop)),
        ];
        for (from, to, expected) in table {
            assert_eq!(route(from).redirect(to, 5), expected, "{from} to {to}");
        }
    }

    #[test]
    fn who_could_have_been_anybody_is_not_trusted() {
        let table = [
            ("wss://a/", "wss://b/", true),
            ("ws://a/", "wss://a:5281/", true),
            ("ws://a/", "wss://b/", false),
            ("ws://a/", "ws://b/", false),
        ];
        for (from, to, is_trusted) in table {
            let mut route = route(from);
            assert!(route.is_trusted());
            assert_eq!(route.redirect(to, 5), Ok(()));
            assert_eq!(route.is_trusted(), is_trusted, "{from} to {to}");
            // Nor is who that names.
            assert_eq!(route.redirect("wss://c/", 5), Ok(()));
            assert_eq!(route.is_trusted(), is_trusted, "{from} to {to} to wss://c/");
            route.lost();
            assert!(route.is_trusted());
        }
    }

    #[test]
    fn redirects_are_bounded_until_the_client_rests() {
        let mut route = route("wss://a/");
        for to in ["wss://b/", "wss://c/"] {
            assert_eq!(route.redirect(to, 2), Ok(()));
        }
        assert_eq!(route.redirect("wss://d/", 2), Err(Refusal::Loop));
        route.rested();
        assert_eq!(route.redirect("wss://d/", 2), Ok(()));
        assert_eq!(target(&route), "wss://d/");
        route.lost();
        assert_eq!(target(&route), "wss://a/");
    }

    #[test]
    fn a_location_is_a_host_and_takes_the_rest_from_the_connection() {
        let table = [
            ("b", "wss://b/x?y"),
            ("b:99", "wss://b:99/x?y"),
            ("[::1]", "wss://[::1]/x?y"),
            ("[::1]:99", "wss://[::1]:99/x?y"),
            ("", "wss://a:7/x?y"),
            ("b/evil", "wss://a:7/x?y"),
            ("::1", "wss://a:7/x?y"),
            ("ws://b", "wss://a:7/x?y"),
            ("user@b", "wss://a:7/x?y"),
        ];
        for (location, expected) in table {
            let mut route = route("wss://a:7/x?y");
            route.prefer(location);
            assert_eq!(target(&route), expected, "{location:?}");
            route.failed();
            assert_eq!(target(&route), "wss://a:7/x?y", "after {location:?}");
        }
    }
}
