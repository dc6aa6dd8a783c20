//! Taking a port, and saying plainly why it cannot be had.

use std::io;
use std::net::SocketAddr;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::{TcpListener, TcpSocket};
use tongpin_domain::lang::{Lang, Say};

use crate::exit::Exit;

/// Connections that wait to be accepted: more than come at once when a whole federation does.
const BACKLOG: u32 = 4_096;

/// Why an address cannot be listened on.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// The text is no `host:port`.
    #[error("{address:?} is not an address with a port")]
    Malformed {
        /// What was given.
        address: String,
    },
    /// 端口被占用：another program listens there.
    #[error("{address} is taken")]
    Taken {
        /// The address.
        address: String,
    },
    /// The user may not take this port.
    #[error("{address} is not permitted")]
    NotPermitted {
        /// The address.
        address: String,
    },
    /// The address belongs to no interface of this machine.
    #[error("{address} is no address of this machine")]
    NotHere {
        /// The address.
        address: String,
    },
    /// Anything else.
    #[error("cannot listen on {address}")]
    Other {
        /// The address.
        address: String,
        /// What the system said.
        source: io::Error,
    },
}

impl BindError {
    /// How a program ends that meets this error.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Malformed { .. } => Exit::Usage,
            _ => Exit::Environment,
        }
    }
}

impl Say for BindError {
    fn say(&self, lang: Lang) -> String {
        let (zh, en) = match self {
            Self::Malformed { address } => (
                format!("监听地址 {address} 格式有误；应为 主机:端口，如 0.0.0.0:8443"),
                format!("{address:?} is not an address; write host:port, such as 0.0.0.0:8443"),
            ),
            Self::Taken { address } => {
                let port = port(address).unwrap_or(address);
                (
                    format!(
                        "端口 {port} 已被其他程序占用（{address}）；请用 ss -ltnp 'sport = :{port}' 查看是谁并停止它，\
                         或在配置中换一个端口"
                    ),
                    format!(
                        "port {port} is taken by another program ({address}); see who with \
                         ss -ltnp 'sport = :{port}', or configure another port"
                    ),
                )
            }
            Self::NotPermitted { address } => (
                format!(
                    "没有权限监听 {address}（1024 以下的端口需要特权）；请改用 1024 以上的端口，\
                     或授予程序 CAP_NET_BIND_SERVICE 权限"
                ),
                format!(
                    "not permitted to listen on {address} (ports below 1024 need privilege); use a port above \
                     1024, or grant CAP_NET_BIND_SERVICE"
                ),
            ),
            Self::NotHere { address } => (
                format!("{address} 不是本机的地址；请用 ip addr 查看本机地址，或用 0.0.0.0 监听全部地址"),
                format!("{address} is no address of this machine; see ip addr, or use 0.0.0.0 for all of them"),
            ),
            Self::Other { address, source } => (
                format!("无法监听 {address}（{source}）；请检查网络配置"),
                format!("cannot listen on {address} ({source}); check the network configuration"),
            ),
        };
        lang.pick(&zh, &en).to_owned()
    }
}

/// Listens on `host:port`; port 0 takes any that is free.
pub async fn bind(address: &str) -> Result<TcpListener, BindError> {
    let address = address.trim();
    if port(address).and_then(|port| port.parse::<u16>().ok()).is_none() {
        return Err(BindError::Malformed { address: address.to_owned() });
    }
    listen(address).await.map_err(|source| explain(address, source))
}

async fn listen(address: &str) -> io::Result<TcpListener> {
    let mut last = io::ErrorKind::AddrNotAvailable.into();
    for at in tokio::net::lookup_host(address).await? {
        match listen_at(at) {
            Ok(listener) => return Ok(listener),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn listen_at(at: SocketAddr) -> io::Result<TcpListener> {
    let socket = if at.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // A program that was just stopped leaves the port in waiting, and is started again on it.
    socket.set_reuseaddr(true)?;
    socket.bind(at)?;
    socket.listen(BACKLOG)
}

/// Lets this process hold as many connections and files as the system allows it at all: what it begins with is meant
/// for programs that hold few.
pub fn raise_file_limit() {
    let now = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: now.maximum, maximum: now.maximum }) {
        tracing::warn!(%error, current = ?now.current, "the limit of open files could not be raised");
    }
}

/// What to say of a console that other machines reach without TLS; `None` if only this machine does.
#[must_use]
pub fn plain_page_warning(at: SocketAddr, lang: Lang) -> Option<String> {
    let zh = format!(
        "注意：管理页面 {at} 可被其他电脑访问但未加密（HTTP），密码会以明文经过网络；请在配置中填写 page_cert 和 page_key \
         启用 HTTPS，或放在启用 HTTPS 的反向代理之后"
    );
    let en = format!(
        "note: the console at {at} is open to other machines without TLS, and passwords cross the network readable; \
         configure page_cert and page_key, or put a reverse proxy with HTTPS before it"
    );
    (!at.ip().is_loopback()).then(|| lang.pick(&zh, &en).to_owned())
}

/// The part after the last colon, if there is a host before it.
fn port(address: &str) -> Option<&str> {
    address.rsplit_once(':').filter(|(host, _)| !host.is_empty()).map(|(_, port)| port)
}

fn explain(address: &str, source: io::Error) -> BindError {
    let address = address.to_owned();
    match source.kind() {
        io::ErrorKind::AddrInUse => BindError::Taken { address },
        io::ErrorKind::PermissionDenied => BindError::NotPermitted { address },
        io::ErrorKind::AddrNotAvailable => BindError::NotHere { address },
        _ => BindError::Other { address, source },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows that a taken port is named, with the command that finds who has it.
    #[tokio::test]
    async fn a_taken_port_is_named() {
        let held = bind("127.0.0.1:0").await.expect("any port");
        let address = held.local_addr().expect("an address").to_string();
        let error = bind(&address).await.expect_err("taken");
        assert!(matches!(error, BindError::Taken { .. }), "{error}");
        let port = held.local_addr().expect("an address").port();
        let said = error.say(Lang::Zh);
        assert!(said.starts_with(&format!("端口 {port} 已被其他程序占用")), "{said}");
        assert!(said.contains(&format!("'sport = :{port}'")), "{said}");
        assert_eq!(error.exit(), Exit::Environment);
    }

    /// Shows that an address of another machine is told from a taken one. 192.0.2.0/24 is reserved for documents.
    #[tokio::test]
    async fn a_strange_address_is_told() {
        let error = bind("192.0.2.1:0").await.expect_err("not here");
        assert!(matches!(error, BindError::NotHere { .. }), "{error}");
    }

    /// Shows that what is no address is a usage error that shows how to write one.
    #[tokio::test]
    async fn a_malformed_address_is_told() {
        for address in ["8443", "127.0.0.1", ":80", "127.0.0.1:http", "127.0.0.1:70000", ""] {
            let error = bind(address).await.expect_err(address);
            assert!(matches!(error, BindError::Malformed { .. }), "{address}: {error}");
            assert_eq!(error.exit(), Exit::Usage);
        }
    }

    /// Shows that a console without TLS is warned of where others reach it, and only there.
    #[test]
    fn plain_pages_are_warned_of() {
        let warning = |at: &str| plain_page_warning(at.parse().expect("an address"), Lang::Zh);
        assert_eq!(warning("127.0.0.1:7411"), None);
        assert_eq!(warning("[::1]:7411"), None);
        assert!(warning("0.0.0.0:7411").is_some_and(|said| said.contains("page_cert")));
        assert!(warning("10.1.2.3:7411").is_some());
    }

    /// Shows that a lack of privilege says which ports need none.
    #[test]
    fn a_privileged_port_is_told() {
        let error = explain("0.0.0.0:443", io::ErrorKind::PermissionDenied.into());
        assert!(error.say(Lang::Zh).contains("1024 以上的端口"), "{error}");
    }
}
