//! Who asks: the far end of a connection, or whom a proxy on this machine asks for.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::{Extensions, HeaderMap};

/// A client as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Client {
    /// Another machine, or somebody a proxy on this machine asks for.
    Far(IpAddr),
    /// This very machine.
    Here(IpAddr),
}

impl Client {
    /// Returns who asks; `None` when the connection is not known. What a stranger says of himself is
    /// not believed; of what a proxy on this machine says the last name is the one it has seen.
    #[must_use]
    pub fn of(extensions: &Extensions, headers: &HeaderMap) -> Option<Self> {
        let peer = extensions.get::<ConnectInfo<SocketAddr>>()?.0.ip();
        if !peer.to_canonical().is_loopback() {
            return Some(Self::Far(peer));
        }
        let told = headers.get("x-forwarded-for").and_then(|v| v.to_str().ok());
        let named = told.and_then(|list| list.rsplit(',').next()?.trim().parse().ok());
        Some(named.map_or(Self::Here(peer), Self::Far))
    }

    /// Returns its address.
    #[must_use]
    pub const fn address(self) -> IpAddr {
        match self {
            Self::Far(address) | Self::Here(address) => address,
        }
    }

    /// Returns what is counted as one client: an IPv4 address, or the IPv6 /64 of one household.
    #[must_use]
    pub fn network(self) -> IpAddr {
        match self.address().to_canonical() {
            IpAddr::V6(v6) => {
                let high = u128::from(v6) >> 64 << 64;
                Ipv6Addr::from(high).into()
            }
            v4 @ IpAddr::V4(_) => v4,
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn client(peer: &str, named: Option<&'static str>) -> Option<Client> {
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 4_711)));
        let named =
            named.map(|n| ("x-forwarded-for".parse().unwrap(), HeaderValue::from_static(n)));
        Client::of(&extensions, &HeaderMap::from_iter(named))
    }

    #[test]
    fn a_proxy_speaks_for_its_clients_and_a_stranger_only_for_himself() {
        let far = |address: &str| Some(Client::Far(address.parse().unwrap()));
        assert_eq!(client("127.0.0.1", None), Some(Client::Here("127.0.0.1".parse().unwrap())));
        let proxied = client("127.0.0.1", Some("10.0.0.1, 198.51.100.7"));
        assert_eq!(proxied, far("198.51.100.7"), "the last is the one the proxy has seen");
        assert_eq!(client("::ffff:127.0.0.1", Some("198.51.100.7")), far("198.51.100.7"));
        assert_eq!(client("203.0.113.9", Some("10.0.0.1")), far("203.0.113.9"));
        assert_eq!(Client::of(&Extensions::new(), &HeaderMap::new()), None);
    }

    #[test]
    fn a_household_is_one_client() {
        let network = |address: &str| Client::Far(address.parse().unwrap()).network().to_string();
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(network("::ffff:203.0.113.9"), "203.0.113.9");
    }
}
