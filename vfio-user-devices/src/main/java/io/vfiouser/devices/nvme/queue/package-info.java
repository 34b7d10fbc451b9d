/// Submission and completion queues in guest memory, and the interrupts of the latter. Start at
/// [io.vfiouser.devices.nvme.queue.SubmissionQueue] and
/// [io.vfiouser.devices.nvme.queue.CompletionQueue].
@NullMarked
package io.vfiouser.devices.nvme.queue;

import org.jspecify.annotations.NullMarked;
