package io.vfiouser.server;

import io.vfiouser.testsupport.PackageRules;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    @Test
    void packagesFormNoCycles() {
        PackageRules.checkNoPackageCycles(PackageRules.classesOf("io.vfiouser.server"));
    }

    @Test
    void nativeMemoryStaysBehindTheDoor() {
        PackageRules.checkNativeDoor(PackageRules.classesOf("io.vfiouser.server"));
    }
}
