//! `join`: with a one-time token from the parent, over the network or by two files.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::Serialize;
use tongpin_console::exit::Exit;
use tongpin_console::failure::Common;
use tongpin_console::opening::{database_url, identity_folder, real_clock};
use tongpin_console::output::{Output, Printed};
use tongpin_console::{clock, command_line, lifecycle, private};
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;
use tongpin_link::error::Denial;
use tongpin_link::identity::Identity;
use tongpin_link::token::Token;
use tongpin_link::uplink::{self, Joined};
use tongpin_link::{LinkError, admin};
use tongpin_store::Store;

use crate::command::files::{read_file, write_new};
use crate::command::say::say;
use crate::failure::Failure;
use crate::settings::Globals;

/// How to join.
#[derive(Debug, clap::Args)]
#[command(after_help = "例：
  tongpin-node join TP1-…                  加入码直接写在命令里
  tongpin-node join @token.txt             从文件读取，不留在命令历史里
  tongpin-node join - < token.txt          从标准输入读取

没有网络时用两个文件往返：
  tongpin-node join @token.txt --request 申请.tp     把 申请.tp 带给上级，上级运行 admit 申请.tp 答复.tp
  tongpin-node join @token.txt --answer 答复.tp      带回答复，完成加入

再次加入同一区划（例如证书过期或被吊销后恢复）会保留原有数据。")]
pub(crate) struct Args {
    /// 加入码，或 @文件，或 -（标准输入）
    #[arg(value_name = "加入码")]
    token: String,
    /// 不联网：把加入申请写到这个文件
    #[arg(long, value_name = "文件", conflicts_with = "answer")]
    request: Option<PathBuf>,
    /// 不联网：读取上级的答复文件
    #[arg(long, value_name = "文件")]
    answer: Option<PathBuf>,
}

#[derive(Serialize)]
struct Told {
    region: RegionCode,
    parent: RegionCode,
    parent_address: String,
    certificate_ends: Moment,
    rejoined: bool,
    restart_serve: bool,
}

#[derive(Serialize)]
struct Requested {
    region: RegionCode,
    request: PathBuf,
}

/// Joins.
///
/// # Errors
/// The token is none, the parent refuses or is not reached, or the data folder belongs to another region.
pub(crate) async fn run(globals: &Globals, args: Args) -> Result<Exit, Failure> {
    let output = globals.output();
    let token = Token::parse(&token_text(&args.token)?)?;
    let settings = globals.settings()?;
    let folder = identity_folder(&globals.data);
    private::folder(&globals.data).map_err(|source| Common::File { path: globals.data.clone(), source })?;
    let rejoined = Identity::exists(&folder);
    if rejoined {
        refuse_other(globals, Identity::load(&folder)?.region(), &token)?;
    }
    let url = database_url(&globals.data, &settings.common);
    if rejoined && Store::is_missing(&url)? {
        return Err(Failure::DatabaseMissing(globals.data.clone()));
    }
    let store = Store::open(&url).await?;
    // The database knows it too, so that a lost key folder does not let another region in.
    if let Some(region) = store.whose().await? {
        refuse_other(globals, &region, &token)?;
    }
    if let Some(file) = args.request {
        write_new(&file, &uplink::request_file(&folder, &token)?)?;
        return Ok(output.give(&Requested { region: token.region, request: file })?);
    }
    let entry = command_line::entry(clock::now(), "", "node_join", token.region.as_str(), &token.address);
    let joined = match &args.answer {
        Some(file) => {
            let (answer, clock) = (read_file(file)?, real_clock());
            let step = uplink::accept_file(&store, &folder, &token, &answer, &clock);
            store.audited(&entry, step).await?
        }
        None => match store.audited(&entry, over_network(output, &store, &folder, &token)).await {
            Err(failure) if rejoined && is_used(&failure) => {
                return Err(Failure::input(
                    format!("{} 已经加入，这个加入码已用过，未作改动；如需更换证书，请上级重新邀请", token.region),
                    format!("{} has joined already and this token is used; nothing was changed", token.region),
                ));
            }
            joined => joined?,
        },
    };
    store.belongs_to(&token.region).await?;
    lifecycle::close(&store).await;
    let told = Told {
        region: token.region,
        parent: joined.parent.region,
        parent_address: joined.parent.address,
        certificate_ends: joined.identity.not_after(),
        rejoined,
        restart_serve: admin::serving(&globals.data).is_some(),
    };
    Ok(output.give(&told)?)
}

async fn over_network(output: Output, store: &Store, folder: &Path, token: &Token) -> Result<Joined, Failure> {
    let bar = output.progress(0, output.pick("正在连接上级", "connecting to the parent"));
    let joined = uplink::join(store, folder, token, real_clock()).await;
    bar.finish_and_clear();
    Ok(joined?)
}

/// Whether the parent says that the token is used: at a node that has joined, most likely by this very node.
fn is_used(failure: &Failure) -> bool {
    let used = Denial::UsedToken.to_string();
    matches!(failure, Failure::Common(Common::Link(LinkError::Answer { message, .. })) if *message == used)
}

fn refuse_other(globals: &Globals, own: &RegionCode, token: &Token) -> Result<(), Failure> {
    if *own == token.region {
        return Ok(());
    }
    Err(Failure::OtherRegion { folder: globals.data.clone(), own: own.clone(), token: token.region.clone() })
}

/// The token itself, or where it is.
fn token_text(argument: &str) -> Result<String, Failure> {
    if argument == "-" {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text)?;
        return Ok(text);
    }
    let Some(path) = argument.strip_prefix('@') else { return Ok(argument.to_owned()) };
    let bytes = read_file(Path::new(path))?;
    // What is no text is no token either, and is refused as such.
    Ok(String::from_utf8_lossy(&bytes).trim_start_matches('\u{feff}').to_owned())
}

impl Printed for Told {
    fn tell(&self, output: Output) -> io::Result<()> {
        let Self { region, parent, parent_address, certificate_ends, .. } = self;
        let (again_zh, again_en) = if self.rejoined { ("重新", " again") } else { ("", "") };
        say(
            output,
            &format!(
                "{region} 已{again_zh}加入，上级是 {parent}（{parent_address}）\n证书有效期至 {certificate_ends}，到期前自动续期"
            ),
            &format!(
                "{region} has joined {parent}{again_en} ({parent_address})\nits certificate ends {certificate_ends} and renews by itself"
            ),
        )?;
        if self.restart_serve {
            return say(
                output,
                "serve 正在运行，请重启它以使用新证书",
                "serve is running: restart it to use the new certificate",
            );
        }
        say(output, "下一步：运行 tongpin-node serve，与上级保持同步", "next: run tongpin-node serve")
    }
}

impl Printed for Requested {
    fn tell(&self, output: Output) -> io::Result<()> {
        let file = self.request.display();
        say(
            output,
            &format!(
                "{} 的加入申请已写入 {file}\n下一步：带给上级运行 admit {file} 答复.tp，再带回答复，运行 join 加入码 --answer 答复.tp",
                self.region
            ),
            &format!("the request of {} is in {file}; have the parent admit it, then join with --answer", self.region),
        )
    }
}
