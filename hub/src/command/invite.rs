//! `invite`: lets one region in, with a token that works once.

use std::io;
use std::path::PathBuf;

use serde::Serialize;
use tongpin_console::exit::Exit;
use tongpin_console::output::Output;
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;
use tongpin_link::admin;

use super::{admit, person_or_login};
use crate::app::App;
use crate::failure::Failure;
use crate::ops::invite::checked_address;
use tongpin_console::output::Printed;

/// Whom to invite.
#[derive(Debug, clap::Args)]
#[command(after_help = "例：
  tongpin-hub invite 320581                                  用配置里的对外地址
  tongpin-hub invite 320581 --address 10.0.0.1:7401 --days 3
加入码等同口令：请当面或经可靠渠道交给对方，用过即失效。
对方不联网的，先照常生成加入码，再用 admit 处理对方带来的申请文件。")]
pub(crate) struct Args {
    /// 被邀请单位的区划代码
    #[arg(value_name = "区划代码")]
    region: RegionCode,
    /// 对方连接本平台用的地址（主机:端口）；默认用配置里的对外地址
    #[arg(long, value_name = "主机:端口")]
    address: Option<String>,
    /// 加入码有效天数
    #[arg(long, value_name = "天数", default_value_t = 7)]
    days: u32,
    /// 经办人；默认是系统登录名
    #[arg(long, value_name = "姓名", env = "TONGPIN_BY")]
    by: Option<String>,
    /// 同时处理对方带来的加入申请文件（等于随后运行 admit）
    #[arg(long, value_name = "文件", requires = "answer")]
    request: Option<PathBuf>,
    /// 签发结果写到这个文件，带回给对方
    #[arg(long, value_name = "文件", requires = "request")]
    answer: Option<PathBuf>,
}

#[derive(Serialize)]
struct Invitation {
    region: RegionCode,
    name: String,
    address: String,
    token: String,
    expires_at: Moment,
    joined_before: bool,
    /// What whoever invites should know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    remarks: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<PathBuf>,
}

/// Makes a token.
///
/// # Errors
/// The region is not inside the city, there is no usable address, or the database cannot be written.
pub(crate) async fn run(app: &App, args: Args) -> Result<Exit, Failure> {
    let configured = Some(app.settings.common.public_address.clone()).filter(|address| !address.trim().is_empty());
    let Some(address) = args.address.or(configured) else {
        return Err(Failure::input(
            "不知道区县该连接哪个地址；请用 --address 主机:端口 指明，或在配置里填写 public_address",
            "where should the child connect; give --address host:port, or set public_address in the configuration",
        ));
    };
    let address = checked_address(&address)?;
    let by = person_or_login(args.by.as_deref());
    let detail = format!("{address}，{} 天", args.days);
    let entry = app.audit_entry(&by, "node_invite", args.region.as_str(), &detail);
    let step = admin::invite(&app.site, &args.region, &address, args.days, &by);
    let invited = app.store().audited(&entry, step).await?;
    if let (Some(request), Some(answer)) = (&args.request, &args.answer) {
        admit::exchange(app, request, answer).await?;
    }
    let invitation = Invitation {
        name: app.regions().await?.name(&args.region),
        remarks: invited.remarks(&args.region, app.output.lang),
        region: invited.token.region.clone(),
        address,
        token: invited.token.text(),
        expires_at: invited.expires_at,
        joined_before: invited.joined_before,
        answer: args.answer,
    };
    Ok(app.output.give(&invitation)?)
}

impl Printed for Invitation {
    fn tell(&self, output: Output) -> io::Result<()> {
        let Self { region, name, address, token, expires_at, .. } = self;
        let named = if name == region.as_str() { region.to_string() } else { format!("{region} {name}") };
        let again = if self.joined_before {
            "\n该单位此前加入过：用这个加入码重新加入后，换发新证书，原有数据保留。"
        } else {
            ""
        };
        let zh = format!(
            "{named} 的加入码（只能用一次，{expires_at} 前有效）:

{token}

请经可靠渠道交给对方，不要发到群里。对方运行：
  tongpin-node join 加入码
  tongpin-node serve
对方将连接 {address}。{again}"
        );
        let again =
            if self.joined_before { "\nIt joined before: joining again gives it a new certificate." } else { "" };
        let en = format!(
            "The token of {named} (works once, until {expires_at}):

{token}

Hand it over in confidence. There they run:
  tongpin-node join TOKEN
  tongpin-node serve
They will connect to {address}.{again}"
        );
        output.tell(output.pick(&zh, &en))?;
        for remark in &self.remarks {
            output.tell(remark)?;
        }
        if let Some(answer) = &self.answer {
            let zh = format!("签发结果已写入 {}，请带回给对方。", answer.display());
            output.tell(output.pick(&zh, &format!("The answer is in {}; take it back to them.", answer.display())))?;
        }
        Ok(())
    }
}
