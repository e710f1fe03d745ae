//! Of the whole line: what it foretells.

mod forecast;
mod hours;
