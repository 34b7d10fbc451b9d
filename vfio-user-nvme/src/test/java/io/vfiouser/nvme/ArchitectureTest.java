package io.vfiouser.nvme;

import com.tngtech.archunit.core.domain.JavaClasses;
import io.vfiouser.testsupport.PackageRules;
import org.junit.jupiter.api.Test;

final class ArchitectureTest {
    private static final JavaClasses CLASSES = PackageRules.classesOf("io.vfiouser");

    @Test
    void packagesFormNoCycle() {
        PackageRules.checkNoPackageCycles(CLASSES);
    }

    @Test
    void onlyTheNativeDoorUsesForeignFunctions() {
        PackageRules.checkNativeDoor(CLASSES);
    }
}
