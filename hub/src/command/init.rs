//! `init`: founds the federation at the city, once and only when asked for.

use std::io;
use std::path::PathBuf;

use serde::Serialize;
use tongpin_console::exit::Exit;
use tongpin_console::failure::Common;
use tongpin_console::opening::{database_url, identity_folder};
use tongpin_console::output::Output;
use tongpin_console::{clock, command_line, lifecycle, private};
use tongpin_domain::digest::Digest;
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;
use tongpin_link::downlink::CERTIFICATE_LIFE;
use tongpin_link::identity::Identity;
use tongpin_link::publish::PublishError;
use tongpin_store::{Person, Store};

use crate::app::{App, NAME, ROOT_LIFE, founded};
use crate::failure::Failure;
use crate::ops::catalogs::titled;
use crate::ops::invite::checked_address;
use crate::ops::starter;
use crate::settings;
use crate::settings::Globals;
use tongpin_console::output::Printed;

/// What is founded.
#[derive(Debug, clap::Args)]
#[command(after_help = "例：
  tongpin-hub init --region 320500 --name 苏州市 --public-address 10.0.0.1:7401
  tongpin-hub init --region 320500 --name 苏州市 --starter --by 经办人 --approved-by 审核人      一并发布示例目录
  tongpin-hub init --region 320500 --name 苏州市 --new-database      数据库丢失且没有备份：为原有的根新建空库")]
pub(crate) struct Args {
    /// 本级区划代码，如 320500
    #[arg(long, value_name = "区划代码")]
    region: RegionCode,
    /// 本级名称，如 苏州市
    #[arg(long, value_name = "名称")]
    name: Option<String>,
    /// 对外地址（主机:端口），写进 config.toml，供加入码使用
    #[arg(long, value_name = "主机:端口")]
    public_address: Option<String>,
    /// 数据库丢失且没有备份：密钥照旧，新建空数据库，各单位须重新邀请
    #[arg(long)]
    new_database: bool,
    /// 同时装入并发布示例目录（规则、流程、资金、指标库、表单、节假日），随后可逐个修改
    #[arg(long, requires_all = ["by", "approved_by"], conflicts_with = "new_database")]
    starter: bool,
    /// 示例目录的经办人（起草人）
    #[arg(long, value_name = "姓名", requires = "starter")]
    by: Option<String>,
    /// 示例目录的审核人：须是经办人以外的另一人
    #[arg(long, value_name = "姓名", requires = "starter")]
    approved_by: Option<String>,
}

#[derive(Serialize)]
struct Founded {
    region: RegionCode,
    name: String,
    data: PathBuf,
    config: PathBuf,
    config_written: bool,
    root_fingerprint: Digest,
    certificate_ends: Moment,
    address_known: bool,
    /// The sample catalogs that were published.
    starter: Vec<&'static str>,
}

/// Makes the data folder, the database, the root and a configuration file.
///
/// # Errors
/// There is a hub in the folder already, or it cannot be written.
pub(crate) async fn run(globals: &Globals, args: Args) -> Result<Exit, Failure> {
    let folder = identity_folder(&globals.data);
    let held = if Identity::exists(&folder) { Some(Identity::load(&folder)?) } else { None };
    if let Some(held) = &held {
        let there = founded(&globals.data, &globals.settings()?).await?;
        if let Some(store) = &there {
            lifecycle::close(store).await;
        }
        if !(args.new_database && there.is_none() && *held.region() == args.region) {
            return Err(Failure::Founded { folder: globals.data.clone(), region: held.region().clone() });
        }
    } else if args.new_database {
        return Err(Failure::NotFounded(globals.data.clone()));
    }
    let address = args.public_address.as_deref().map(checked_address).transpose()?.unwrap_or_default();
    let settings = globals.settings()?;
    let two = if args.starter { Some(two_people(&args, settings.own.publish.one_person)?) } else { None };
    let file_error = |path: &PathBuf| {
        let path = path.clone();
        move |source| Common::File { path, source }
    };
    private::folder(&globals.data).map_err(file_error(&globals.data))?;
    let config = globals.data.join("config.toml");
    let config_written = !config.exists();
    if config_written {
        private::write(&config, settings::example_with_address(&address).as_bytes()).map_err(file_error(&config))?;
    }
    let store = Store::open(&database_url(&globals.data, &settings.common)).await?;
    let name = args.name.unwrap_or_default();
    let action = if held.is_some() { "database_new" } else { "hub_init" };
    let entry = command_line::entry(clock::now(), "", action, args.region.as_str(), name.trim());
    store.audited(&entry, store.set_meta(NAME, name.trim())).await?;
    store.belongs_to(&args.region).await?;
    // The identity comes last: it is what makes the folder a hub, and an interrupted init can be run again.
    let identity = match held {
        Some(held) => held,
        None => Identity::init(&folder, &args.region, clock::now(), ROOT_LIFE, CERTIFICATE_LIFE)?,
    };
    lifecycle::close(&store).await;
    let starter = match &two {
        Some((by, approved_by)) => begin(globals, by, approved_by).await?,
        None => Vec::new(),
    };
    let founded = Founded {
        region: args.region,
        name: name.trim().to_owned(),
        data: globals.data.clone(),
        config,
        config_written,
        root_fingerprint: identity.root_fingerprint(),
        certificate_ends: identity.not_after(),
        address_known: !address.is_empty() || !settings.common.public_address.is_empty(),
        starter,
    };
    Ok(globals.output().give(&founded)?)
}

/// Who drafts and who approves the sample catalogs.
///
/// # Errors
/// They are one person, and the bureau has not allowed that, or one has no name.
fn two_people(args: &Args, one_person: bool) -> Result<(Person, Person), Failure> {
    let person = |name: &Option<String>| Person::named(name.as_deref().unwrap_or_default().trim());
    let (by, approved_by) = (person(&args.by), person(&args.approved_by));
    if by.name.is_empty() || approved_by.name.is_empty() {
        return Err(Failure::input(
            "请用 --by 写明经办人，用 --approved-by 写明审核人",
            "name who drafts with --by, and who approves with --approved-by",
        ));
    } else if by.is(&approved_by) && !one_person {
        return Err(PublishError::SamePerson(by.name).into());
    }
    Ok((by, approved_by))
}

/// Drafts and publishes the sample catalogs of the hub that was founded just now.
async fn begin(globals: &Globals, by: &Person, approved_by: &Person) -> Result<Vec<&'static str>, Failure> {
    let app = App::open(&globals.data, globals.settings()?, globals.output()).await?;
    let work = async {
        let drafted = starter::draft(&app, by, &app.audit_entry(&by.name, "", "", "")).await?;
        starter::publish(&app, &drafted, approved_by, &app.audit_entry(&approved_by.name, "", "", "")).await?;
        Ok(drafted)
    };
    let done = work.await;
    lifecycle::close(app.store()).await;
    done
}

impl Printed for Founded {
    fn tell(&self, output: Output) -> io::Result<()> {
        let data = self.data.display();
        let name = if self.name.is_empty() { String::new() } else { format!(" {}", self.name) };
        let address = if self.address_known { "" } else { " --address 本机地址：7401" };
        let kept = if self.config_written { "" } else { "（已有，未改动）" };
        let titles: Vec<String> = self.starter.iter().map(|name| titled(name)).collect();
        let catalogs = if titles.is_empty() {
            format!("导入区划  tongpin-hub --data {data} import regions regions.csv（再依次导入其他目录）")
        } else {
            format!("修改示例  已发布示例目录 {}，请在管理页面“目录发布”中按本级制度修改", titles.join("、"))
        };
        let zh = format!(
            "市级平台已建立：{}{name}
  数据目录  {data}
  配置文件  {}{kept}
  根证书指纹（SHA-256）  {}
  数据目录下的 identity 存有私钥：只留在本机，并另行离线保管一份（backup 不含私钥）

下一步：
  1. 运行      tongpin-hub --data {data} serve
  2. 邀请区县  tongpin-hub --data {data} invite 区划代码{address}
  3. {catalogs}",
            self.region,
            self.config.display(),
            self.root_fingerprint,
        );
        let address = if self.address_known { "" } else { " --address this-host:7401" };
        let catalogs = if self.starter.is_empty() {
            format!("  tongpin-hub --data {data} import regions regions.csv")
        } else {
            format!("  change the sample catalogs, which are published: {}", self.starter.join(", "))
        };
        let en = format!(
            "The hub of {}{name} is founded.
  data folder       {data}
  configuration     {}
  root fingerprint  {}
  The folder `identity` in it holds private keys: keep a copy off-line (backups do not hold them).

Next:
  tongpin-hub --data {data} serve
  tongpin-hub --data {data} invite REGION{address}
{catalogs}",
            self.region,
            self.config.display(),
            self.root_fingerprint,
        );
        output.tell(output.pick(&zh, &en))
    }
}
