//! What a recorded connection goes on from: the earlier ones of the same client.

use super::record::{Record, Transcript, attribute, data, is, scram};

/// One connection that comes first.
pub(crate) struct Leg<'a> {
    pub(crate) transcript: &'a Transcript,
    pub(crate) records: &'a [Record],
    /// The session that the server is made to grant after these records, where none was recorded.
    pub(crate) granted: Option<String>,
}

/// The connections that come before this one, in order, for a client that makes them all.
///
/// One that resumes goes on from the one where the session was granted, as far as that had come; one that was sent
/// there, from where it was sent from. Where a recorded client resumes what was never its own, or what it has ended,
/// its connection is begun twice, and the first time such a session is granted.
pub(crate) fn of_client<'a>(all: &'a [Transcript], it: &'a Transcript) -> Vec<Leg<'a>> {
    let Some((index, previd)) = resumes(it) else {
        return all.iter().find(|from| leads_to(from, it)).map_or_else(Vec::new, |from| {
            let mut legs = of_client(all, from);
            legs.push(Leg { transcript: from, records: &from.records, granted: None });
            legs
        });
    };
    match grants(all, it, &previd) {
        Some(from) if user(from) == user(it) && !has_closed(until(from, start(it))) => {
            let mut legs = of_client(all, from);
            let records = until(from, start(it));
            legs.push(Leg { transcript: from, records, granted: None });
            legs
        }
        _ => {
            let records = &it.records[..index];
            vec![Leg { transcript: it, records, granted: Some(previd) }]
        }
    }
}

/// The connections that come before this one, in order, for a service that has all of them; whoever's they are, and
/// however they end.
pub(crate) fn of_service<'a>(all: &'a [Transcript], it: &'a Transcript) -> Vec<Leg<'a>> {
    let from = resumes(it).and_then(|(_, previd)| grants(all, it, &previd));
    from.map_or_else(Vec::new, |from| {
        let mut legs = of_service(all, from);
        let records = until(from, start(it));
        legs.push(Leg { transcript: from, records, granted: None });
        legs
    })
}

/// The last connection before this one on which the session was had.
fn grants<'a>(all: &'a [Transcript], it: &Transcript, previd: &str) -> Option<&'a Transcript> {
    let earlier = all.iter().filter(|from| from.scenario == it.scenario && start(from) < start(it));
    let having = earlier.filter(|from| has_session(from, previd));
    having.max_by_key(|from| start(from))
}

/// Where the recorded client asks for a session of before, and for which; it does not once it has bound a resource.
fn resumes(it: &Transcript) -> Option<(usize, String)> {
    let asks = |record: &Record| {
        let text = record.text().filter(|_| record.from_client)?;
        (is(text, "resume") || text.contains("xmpp-bind")).then(|| attribute(text, "previd"))
    };
    let mut asks = it.records.iter().enumerate().filter_map(|(at, it)| Some((at, asks(it)?)));
    let is_authenticated = it.says(false, "success");
    asks.next().filter(|(_, previd)| is_authenticated && !previd.is_empty())
}

/// Whether the server sent the recorded client from here to there, and it went.
fn leads_to(from: &Transcript, to: &Transcript) -> bool {
    let is_next = from.name == to.scenario && to.name.ends_with(".2");
    is_next && from.texts(false).any(|text| text.contains("see-other-uri"))
}

/// When it began.
fn start(it: &Transcript) -> u64 {
    it.records.first().map_or(0, |record| record.at)
}

/// What was recorded until then.
fn until(it: &Transcript, then: u64) -> &[Record] {
    let end = it.records.iter().position(|record| record.at >= then);
    &it.records[..end.unwrap_or(it.records.len())]
}

fn has_session(it: &Transcript, id: &str) -> bool {
    it.texts(false).any(|text| {
        (is(text, "enabled") && attribute(text, "id") == id)
            || (is(text, "resumed") && attribute(text, "previd") == id)
    })
}

/// Whether the recorded client ended the session, which our client would not ask for again.
fn has_closed(records: &[Record]) -> bool {
    let mut said = records.iter().filter(|record| record.from_client).filter_map(Record::text);
    said.any(|text| is(text, "close"))
}

/// Who logs in.
fn user(it: &Transcript) -> String {
    let message = it.first(true, "auth").map(data).unwrap_or_default();
    let plain = message.split('\0').nth(1);
    plain.unwrap_or_else(|| scram(&message, "n")).to_owned()
}
