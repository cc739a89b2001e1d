//! Fetching a document by HTTP over TLS.

use futures_io::{AsyncRead, AsyncWrite};
use xmpp_ws::endpoint::{DialError, Fetched};
use xmpp_ws::uri::Uri;

use super::bytes::{read, write_all};
use super::tls::connect;
use crate::client::DialConfig;
use crate::get::{Get, Got, broken_off};
use crate::runtime::{Runtime, fetch_within};
use crate::tls::ClientTls;

/// The final answer, redirects followed, within [`FetchLimits`](crate::FetchLimits).
pub(super) async fn fetch<R>(
    runtime: &R,
    uri: &Uri,
    tls: &ClientTls,
    config: &DialConfig,
) -> Result<Fetched, DialError>
where
    R: Runtime<Tcp: AsyncRead + AsyncWrite + Unpin>,
{
    fetch_within(runtime, uri, config, get(runtime, uri, tls, config)).await
}

async fn get<R>(
    runtime: &R,
    uri: &Uri,
    tls: &ClientTls,
    config: &DialConfig,
) -> Result<Fetched, DialError>
where
    R: Runtime<Tcp: AsyncRead + AsyncWrite + Unpin>,
{
    let mut get = Get::new(uri, config.fetch)?;
    let mut space = vec![0; SPACE_BYTES];
    loop {
        let (mut stream, _) = connect(runtime, get.target(), tls, config).await?;
        write_all(&mut stream, get.request()).await.map_err(|error| broken_off(&error))?;
        loop {
            let read = read(&mut stream, &mut space).await.map_err(|error| broken_off(&error))?;
            match get.received(space.get(..read).unwrap_or_default())? {
                Got::Part => {}
                Got::Elsewhere => break,
                Got::All(fetched) => return Ok(fetched),
            }
        }
    }
}

const SPACE_BYTES: usize = 4096;
