package io.vfiouser.trace;

import com.tngtech.archunit.core.domain.JavaClasses;
import io.vfiouser.testsupport.PackageRules;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private static final JavaClasses CLASSES = PackageRules.classesOf("io.vfiouser.trace");

    @Test
    void packagesHaveNoCycles() {
        PackageRules.checkNoPackageCycles(CLASSES);
    }

    @Test
    void nativeAccessStaysBehindTheDoor() {
        PackageRules.checkNativeDoor(CLASSES);
    }
}
