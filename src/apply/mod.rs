//! Letting a plan through: the very bytes that were judged, once, and nothing around it.
