package io.vfiouser.testkit.hammer;

import java.util.Random;

/// One thing that a client does to a server.
interface Blow {
    /// Strikes. What the server refuses is thrown as a `RemoteErrorException`.
    void strike(Anvil anvil, Random random, Tally tally);

    /// A blow, and how often it comes among the others.
    ///
    /// @param name for the report
    /// @param weight at least 1
    record Weighted(String name, int weight, Blow blow) {}
}
