//! What a user reads when there is no connection to the parent, and what to do about it.

use tongpin_domain::lang::{Lang, Say};

use super::ConnectError;

impl Say for ConnectError {
    fn say(&self, lang: Lang) -> String {
        match lang {
            Lang::Zh => self.zh(),
            Lang::En => self.en(),
        }
    }
}

impl ConnectError {
    fn zh(&self) -> String {
        match self {
            Self::NoParent => "没有配置上级。请先用上级给的加入码运行 join。".into(),
            Self::BadAddress { address } => format!("上级地址“{address}”应写作 主机：端口，例如 10.1.2.3:7443。"),
            Self::Unreachable { address, source } => {
                format!("连不上上级 {address}（{source}）。请检查网络、防火墙，以及上级程序是否在运行。")
            }
            Self::Timeout { address, .. } => format!("上级 {address} 没有应答。请检查网络是否通畅，程序会自动重试。"),
            Self::Closed { address, .. } => {
                format!("上级 {address} 中断了连接。程序会自动重试；如持续出现，请查看上级的日志。")
            }
            Self::NotTongpin { address } => format!("{address} 上运行的不是本系统。请核对地址和端口。"),
            Self::WrongRoot { address } => {
                format!("{address} 的证书不属于本联盟，已拒绝连接。请核对地址；地址无误的，请报告上级核查。")
            }
            Self::WrongRegion { address, expected, presented } => {
                let found = if presented.is_empty() { "其他单位".into() } else { presented.join("、") };
                format!("{address} 不是上级 {expected}，而是 {found}，已拒绝连接。请核对上级地址。")
            }
            Self::Revoked { address } => {
                format!("本单位的证书已被上级 {address} 吊销。如属误会，请上级重新邀请，再运行 join。")
            }
            Self::Unknown { address } => {
                format!("上级 {address} 不认识本单位的证书。请上级重新邀请，再运行 join。")
            }
            Self::Expired { not_after } => {
                format!("本单位的证书已于 {not_after} 到期。请上级重新邀请，再运行 join。")
            }
            Self::PeerExpired { address, not_after, now } => {
                format!(
                    "上级 {address} 的证书已于 {not_after} 到期（本机时间 {now}）。请先核对本机时钟，再联系上级续期。"
                )
            }
            Self::ClockOff { address, now } => {
                format!("本机与上级 {address} 的时钟相差太大（本机时间 {now}）。请校准两端时钟。")
            }
            Self::Tls { address, source } => {
                format!("与上级 {address} 的安全连接失败（{source}）。请查看两端日志。")
            }
        }
    }

    fn en(&self) -> String {
        let advice = match self {
            Self::Unreachable { source, .. } => {
                return format!("{self} ({source}): check the network, the firewall and whether the parent runs.");
            }
            Self::Tls { source, .. } => return format!("{self} ({source}): see the logs of both ends."),
            Self::NoParent => "join with the token from your upstream first.",
            Self::BadAddress { .. } => "an example is 10.1.2.3:7443.",
            Self::Timeout { .. } | Self::Closed { .. } => "it will be tried again; see the parent's log if it stays.",
            Self::NotTongpin { .. } => "check the address and the port.",
            Self::WrongRoot { .. } => "refused; check the address, and report it if the address is right.",
            Self::WrongRegion { .. } => "refused; check the parent's address.",
            Self::Revoked { .. } | Self::Unknown { .. } | Self::Expired { .. } => {
                "ask the parent for a new invitation and join again."
            }
            Self::PeerExpired { .. } => "check this machine's clock first, then ask the parent to renew.",
            Self::ClockOff { .. } => "set the clocks of both machines.",
        };
        format!("{self}: {advice}")
    }
}
