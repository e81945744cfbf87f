from patients.time_zones import use_package

use_package()  # before any zone is made: web, worker, beat, commands, shell and tests all come through here
