//! `mainstay forecast`.

use super::arguments::{Forecast, Global};
use super::ask;
use super::error::Error;
use super::exit::Exit;
use super::output::{self, Console};
use crate::judge;
use crate::model::Context;
use crate::report::{ForecastFormat, Format, forecast_calendar, forecast_text, json};

/// Answers; an answer is no verdict, so the exit code is 0.
pub(super) fn run(
    arguments: &Forecast,
    global: &Global,
    context: &Context,
    console: &mut Console<'_>,
) -> Result<Exit, Error> {
    let Forecast { until, plans, sources, formats, .. } = arguments;
    output::distinct(formats)?;
    let until = until.from(context.now).ok_or_else(|| Error::UntilPast(context.now.to_string()))?;
    let (inputs, _trusted) = ask::given(plans, sources, false, context, console)?;
    let answer = judge::forecast(&inputs, until, context.now)?;
    let look = output::look(context, global);
    output::answer(formats, look, context, console, |format, look| match format {
        ForecastFormat::Plain(Format::Text) => Ok(forecast_text(&answer, look)),
        ForecastFormat::Plain(Format::Json) => Ok(json(&answer)?),
        ForecastFormat::Calendar => Ok(forecast_calendar(&answer)),
    })?;
    Ok(Exit::Pass)
}
