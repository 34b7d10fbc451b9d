/// Tests of client memory. [io.vfiouser.server.dma.Maps] makes requests,
/// [io.vfiouser.server.dma.FakePeer] is a client that answers messages,
/// [io.vfiouser.server.dma.LookUpTiming] prints what things cost.
@NullMarked
package io.vfiouser.server.dma;

import org.jspecify.annotations.NullMarked;
