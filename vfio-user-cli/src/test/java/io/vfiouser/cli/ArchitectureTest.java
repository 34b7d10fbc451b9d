package io.vfiouser.cli;

import io.vfiouser.testsupport.PackageRules;
import org.junit.jupiter.api.Test;

final class ArchitectureTest {
    @Test
    void packagesHaveNoCycles() {
        PackageRules.checkNoPackageCycles(PackageRules.classesOf("io.vfiouser.cli"));
    }

    @Test
    void nativeCallsStayInTheirModule() {
        PackageRules.checkNativeDoor(PackageRules.classesOf("io.vfiouser.cli"));
    }
}
