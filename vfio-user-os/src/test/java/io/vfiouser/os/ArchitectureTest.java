package io.vfiouser.os;

import com.tngtech.archunit.core.domain.JavaClasses;
import io.vfiouser.testsupport.PackageRules;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private final JavaClasses classes = PackageRules.classesOf("io.vfiouser.os");

    @Test
    void packagesFormNoCycles() {
        PackageRules.checkNoPackageCycles(classes);
    }

    @Test
    void nativeDoorIsHere() {
        PackageRules.checkNativeDoor(classes);
    }

    @Test
    void nothingOfTheOtherModulesIsUsed() {
        for (String module : new String[] {"protocol", "codec", "transport", "device", "server"}) {
            PackageRules.checkNoUseOf("io.vfiouser." + module, classes);
        }
    }
}
