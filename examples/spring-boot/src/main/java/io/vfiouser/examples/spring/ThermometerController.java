package io.vfiouser.examples.spring;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/// The thermometer's other side.
@RestController
@RequestMapping("/thermometer")
class ThermometerController {
    private final Thermometer thermometer;

    ThermometerController(Thermometer thermometer) {
        this.thermometer = thermometer;
    }

    @GetMapping
    int celsius() {
        return thermometer.celsius();
    }

    @PutMapping
    void show(@RequestBody int celsius) {
        thermometer.show(celsius);
    }
}
