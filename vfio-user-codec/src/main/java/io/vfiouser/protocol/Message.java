package io.vfiouser.protocol;

/// A message of the protocol: a command with its arguments, or the reply to one.
///
/// The tree is sealed, so a `switch` over it needs no `default`. All messages are immutable values;
/// those that carry bulk data are also a [BulkMessage] and must be released once. Descriptors are
/// no part of a message: they travel beside it. Message ids and flags belong to the
/// [MessageHeader].
public sealed interface Message permits Request, Reply {}
