package io.vfiouser.cli.types;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.cli.failure.CommandException;
import io.vfiouser.cli.failure.UsageException;
import org.junit.jupiter.api.Test;

final class DeviceTypesTest {
    private final DeviceTypes types =
            DeviceTypes.of(new SampleProviders.Plain(), new SampleProviders.Disk());

    @Test
    void listsTypesByName() {
        assertThat(types.all()).extracting(DeviceType::name).containsExactly("disk", "plain");
    }

    @Test
    void findsThoseThatAreInstalled() {
        assertThat(DeviceTypes.installed().all())
                .extracting(DeviceType::name)
                .contains("gpio", "testdev", "timer");
    }

    @Test
    void namesTheKnownTypesAndTheOneThatWasMeant() {
        assertThatThrownBy(() -> types.type("dsik"))
                .isInstanceOf(UsageException.class)
                .hasMessage("dsik: unknown device type (expected: disk, plain; did you mean disk)");
        assertThatThrownBy(() -> DeviceTypes.of().type("disk"))
                .hasMessage("disk: unknown device type (expected: none is installed)");
    }

    @Test
    void refusesProvidersThatCannotBeUsed() {
        assertThatThrownBy(() -> DeviceTypes.of(new SampleProviders.Odd()))
                .isInstanceOf(CommandException.class)
                .hasMessage(
                        "odd: setting names: java.util.List (expected: a type that settings may"
                                + " have)");
        assertThatThrownBy(() ->
                        DeviceTypes.of(new SampleProviders.Plain(), new SampleProviders.Plain()))
                .isInstanceOf(CommandException.class)
                .hasMessageStartingWith("plain: provided twice, by ");
    }
}
