package io.vfiouser.devices.edu;

import io.vfiouser.device.DeviceContext;

/// The factorial unit of [EduDevice]: 32-bit arithmetic that takes its time, so that drivers look
/// at the status register or wait for the interrupt.
///
/// The result is there in a later turn of the loop. No number takes long: 34! and all that follow
/// are multiples of 2^32, and so 0.
final class EduFactorial {
    /// The lowest number whose factorial is 0 in 32 bits.
    private static final int FIRST_ZERO = 34;

    private final Runnable finished;
    private DeviceContext context = DeviceContext.UNATTACHED;
    private int value;
    private boolean computing;
    private boolean quiet;

    /// @param finished called on the loop after each computation
    EduFactorial(Runnable finished) {
        this.finished = finished;
    }

    void attach(DeviceContext context) {
        this.context = context;
        quiet = false;
    }

    /// The number given while it computes, then its factorial.
    int value() {
        return value;
    }

    /// Whether the result is still to come.
    boolean isComputing() {
        return computing;
    }

    /// Starts to compute; ignored while it computes.
    ///
    /// @param number unsigned
    void compute(int number) {
        if (!computing) {
            load(number, true);
            context.execute(this::step);
        }
    }

    /// Forgets everything.
    void reset() {
        load(0, false);
    }

    /// Takes over the state of another device.
    void load(int value, boolean computing) {
        this.value = value;
        this.computing = computing;
    }

    /// Stands still until [#resume()].
    void quiesce() {
        quiet = true;
    }

    /// Goes on.
    void resume() {
        quiet = false;
        step();
    }

    private void step() {
        if (computing && !quiet) {
            value = factorial(value);
            computing = false;
            finished.run();
        }
    }

    private static int factorial(int number) {
        if (Integer.compareUnsigned(number, FIRST_ZERO) >= 0) {
            return 0;
        }
        int product = 1;
        for (int factor = 2; factor <= number; factor++) {
            product *= factor;
        }
        return product;
    }
}
