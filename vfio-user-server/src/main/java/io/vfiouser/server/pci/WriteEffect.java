package io.vfiouser.server.pci;

/// What a client's write to some registers means beyond the bits that it stores. It keeps no state
/// of its own: all there is to know is in the registers.
interface WriteEffect {
    /// The write means nothing more.
    WriteEffect NONE =
            new WriteEffect() {
                @Override
                public long sample(RegisterImage registers, int at) {
                    return 0;
                }

                @Override
                public ConfigEvent settle(RegisterImage registers, int at, long before) {
                    return ConfigEvent.NONE;
                }
            };

    /// Taken before the write, handed to [#settle] after it.
    ///
    /// @param at where these registers start
    long sample(RegisterImage registers, int at);

    /// Puts right what masks cannot express.
    ///
    /// @param before what [#sample] gave
    /// @return what the owner of the config space is to be told
    ConfigEvent settle(RegisterImage registers, int at, long before);
}
