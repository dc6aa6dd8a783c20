//! The options that every command of either program has. They and the environment override the configuration file.

use std::fmt::Debug;
use std::marker::PhantomData;
use std::path::PathBuf;

use serde::de::DeserializeOwned;

use crate::output::{Output, OutputArgs};
use crate::settings::{Settings, SettingsError};

/// What tells one program's set-up from the other's.
pub trait Setup: Debug + Clone {
    /// What only this program is told by its configuration.
    type Own: DeserializeOwned;
    /// Where its data are unless another folder is named.
    const DATA: &'static str;
    /// Its commented configuration, which is also what holds without one.
    const EXAMPLE: &'static str;
}

/// The options; flatten them into a program's command line.
#[derive(Debug, Clone, clap::Args)]
pub struct Globals<S: Setup> {
    /// 数据目录
    #[arg(long, global = true, value_name = "目录", env = "TONGPIN_DATA", default_value = S::DATA)]
    pub data: PathBuf,
    /// 配置文件；默认用数据目录里的 config.toml
    #[arg(long, global = true, value_name = "文件", env = "TONGPIN_CONFIG")]
    config: Option<PathBuf>,
    /// 数据库；默认是数据目录里的 tongpin.sqlite
    #[arg(long, global = true, value_name = "地址", env = "TONGPIN_DATABASE", hide_env_values = true)]
    database: Option<String>,
    /// 日志级别
    #[arg(short = 'v', long, global = true, value_name = "级别")]
    #[arg(help = "日志级别：error、warn、info、debug、trace [环境变量 TONGPIN_LOG]")]
    pub log: Option<String>,
    #[command(flatten)]
    output: OutputArgs,
    #[arg(skip)]
    setup: PhantomData<S>,
}

impl<S: Setup> Globals<S> {
    /// How to print.
    #[must_use]
    pub fn output(&self) -> Output {
        Output::from(self.output)
    }

    /// The configuration of the file, which may be missing if it was not named, with what flags and environment say
    /// otherwise.
    ///
    /// # Errors
    /// [`SettingsError`].
    pub fn settings(&self) -> Result<Settings<S::Own>, SettingsError> {
        let own = self.data.join("config.toml");
        let path = self.config.clone().or_else(|| own.exists().then_some(own));
        let mut settings = Settings::load(path.as_deref(), S::EXAMPLE)?;
        if let Some(database) = &self.database {
            settings.common.database.clone_from(database);
        }
        Ok(settings)
    }

    /// The level of the log unless another is asked for: `serve` tells what happens, other commands only what is wrong.
    #[must_use]
    pub fn log_level(&self, serves: bool) -> String {
        if !serves {
            return "error".into();
        }
        self.settings().map_or_else(|_| "info".into(), |settings| settings.common.log)
    }
}
