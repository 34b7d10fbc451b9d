/// Client memory as a device reaches it over real sockets: by messages in every dialect and on
/// either socket. Start at [io.vfiouser.it.dma.MessageDmaTest].
@NullMarked
package io.vfiouser.it.dma;

import org.jspecify.annotations.NullMarked;
