//! Fetching a document by HTTP over TLS.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use xmpp_ws::endpoint::{DialError, Fetched};
use xmpp_ws::uri::Uri;
use xmpp_ws_tungstenite::{ClientTls, DialConfig, Get, Got, broken_off, fetch_within};

use crate::runtime::Tokio;
use crate::tls::connect;

/// The final answer, redirects followed, within [`FetchLimits`](xmpp_ws_tungstenite::FetchLimits).
pub(crate) async fn fetch(
    uri: &Uri,
    tls: &ClientTls,
    config: &DialConfig,
) -> Result<Fetched, DialError> {
    fetch_within(&Tokio, uri, config, get(uri, tls, config)).await
}

async fn get(uri: &Uri, tls: &ClientTls, config: &DialConfig) -> Result<Fetched, DialError> {
    let mut get = Get::new(uri, config.fetch)?;
    let mut space = vec![0; SPACE_BYTES];
    loop {
        let (mut stream, _) = connect(get.target(), tls, config).await?;
        stream.write_all(get.request()).await.map_err(|error| broken_off(&error))?;
        stream.flush().await.map_err(|error| broken_off(&error))?;
        loop {
            let read = stream.read(&mut space).await.map_err(|error| broken_off(&error))?;
            match get.received(space.get(..read).unwrap_or_default())? {
                Got::Part => {}
                Got::Elsewhere => break,
                Got::All(fetched) => return Ok(fetched),
            }
        }
    }
}

const SPACE_BYTES: usize = 4096;
