package io.vfiouser.device;

import static io.vfiouser.testsupport.PackageRules.checkNativeDoor;
import static io.vfiouser.testsupport.PackageRules.checkNoPackageCycles;
import static io.vfiouser.testsupport.PackageRules.checkNoUseOf;
import static io.vfiouser.testsupport.PackageRules.classesOf;

import com.tngtech.archunit.core.domain.JavaClasses;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private static final JavaClasses CLASSES = classesOf("io.vfiouser.device");

    @Test
    void packagesDoNotNeedEachOtherInCircles() {
        checkNoPackageCycles(CLASSES);
    }

    @Test
    void nativeAccessStaysBehindItsDoor() {
        checkNativeDoor(CLASSES);
    }

    @Test
    void deviceAuthorsSeeNoNetty() {
        checkNoUseOf("io.netty", CLASSES);
    }
}
