package io.vfiouser.control;

import com.tngtech.archunit.core.domain.JavaClasses;
import io.vfiouser.testsupport.PackageRules;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private static final JavaClasses CLASSES = PackageRules.classesOf("io.vfiouser.control");

    @Test
    void packagesHaveNoCycles() {
        PackageRules.checkNoPackageCycles(CLASSES);
    }

    @Test
    void nativeAccessStaysBehindTheDoor() {
        PackageRules.checkNativeDoor(CLASSES);
    }
}
