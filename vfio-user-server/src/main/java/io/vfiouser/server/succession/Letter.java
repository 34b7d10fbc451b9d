package io.vfiouser.server.succession;

import io.vfiouser.server.image.Image;

/// One message.
///
/// @param number of its [Step]
/// @param content owned by whoever has the letter
record Letter(int number, Image content) {
    boolean is(Step step) {
        return number == step.number();
    }
}
